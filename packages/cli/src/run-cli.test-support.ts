import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runInRunner } from './command-runners.test-support.ts';

export const launcher = fileURLToPath(new URL('../bin/sluice.js', import.meta.url));

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Program and first arguments. */
  command?: readonly [string, ...string[]];
}

export interface RunResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** As users start it. */
export const command = [process.execPath, launcher] as const;

/** Runs a command to its end: without a `command` in a process that ran others before, which costs a tenth. */
export async function runCli(
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  if (!options.command) {
    const { cwd = process.cwd(), env } = options;
    const ran = await runInRunner({ args, cwd, env: { ...ownEnvironment(), ...env } });
    return { ...ran, signal: null };
  }
  const child = spawnCli(args, options);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, signal, stdout, stderr };
}

export interface RunningCli {
  readonly child: ChildProcess;
  /** The first line on standard output: a server is ready. */
  firstLine(): Promise<string>;
  /** Sends the signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Omit<RunResult, 'stdout'> & { lines: string[] }>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a command that runs until it is stopped. */
export function startCli(args: readonly string[], options: RunOptions = {}): RunningCli {
  const child = spawnCli(args, options);
  const stderr = text(child.stderr!);
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout! });
  reader.on('line', (line) => lines.push(line));
  return {
    child,
    async firstLine() {
      if (lines.length === 0) await Promise.race([once(reader, 'line'), closed]);
      if (lines.length === 0) throw new Error(`sluice ${args.join(' ')}: ${await stderr}`);
      return lines[0]!;
    },
    async stop(name) {
      child.kill(name);
      const [code, signal] = await closed;
      return { code, signal, stderr: await stderr, lines };
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** A temporary folder that is also the home of the commands that run with its `env`. */
export async function temporaryHome() {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-cli-'));
  return {
    folder,
    env: { HOME: folder },
    path: (...parts: string[]) => path.join(folder, ...parts),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function spawnCli(args: readonly string[], options: RunOptions): ChildProcess {
  const [program, ...first] = options.command ?? command;
  return spawn(program, [...first, ...args], {
    cwd: options.cwd,
    env: { ...ownEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** This process's, without what would change the results, and with a compile cache that stays. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(SLUICE_|XDG_|NO_COLOR$|FORCE_COLOR$|NODE_)/.test(name),
  );
  const cache = fileURLToPath(new URL('../../../node_modules/.cache/sluice', import.meta.url));
  return { ...Object.fromEntries(kept), NODE_COMPILE_CACHE: cache };
}
