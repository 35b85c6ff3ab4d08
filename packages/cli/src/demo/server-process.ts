import { type ChildProcess, spawn } from 'node:child_process';
import { sluiceError } from '@sluice/protocol';
import { startScript } from '../start-script.ts';

const readyMs = 30_000;
const stopMs = 6_000;
/** Of what a server says on standard error, for the message when it does not start. */
const maxErrorText = 4_000;

/** A `sluice` server of the demo, in a process of its own. */
export class ServerProcess {
  /** The server's ready line. */
  readonly ready: Record<string, unknown>;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  private constructor(child: ChildProcess, exited: Promise<void>, ready: Record<string, unknown>) {
    this.#child = child;
    this.#exited = exited;
    this.ready = ready;
  }

  /** Starts `sluice <args>` and waits for its ready line. @throws DemoServerFailed, Cancelled. */
  static async start(args: string[], signal: AbortSignal): Promise<ServerProcess> {
    signal.throwIfAborted();
    const child = spawn(process.execPath, [startScript, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: demoEnvironment(),
      // A Ctrl-C at the terminal is for the demo, which then stops its servers in order.
      detached: process.platform !== 'win32',
    });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-maxErrorText);
    });
    try {
      const ready = await readyLine(child, signal);
      return new ServerProcess(child, exited, ready);
    } catch (error) {
      child.kill('SIGKILL');
      signal.throwIfAborted();
      const command = `sluice ${args[0]}`;
      const detail = errors.trim() || (error as Error).message;
      throw sluiceError('DemoServerFailed', { command, detail }, { cause: error });
    }
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Asks it to stop, and ends it if it does not. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), stopMs);
    await this.#exited;
    clearTimeout(limit);
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

/** What is set for the Sluice of this machine is not for the demo: it could be the database of a real cloud. */
function demoEnvironment(): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter((name) => !name.startsWith('SLUICE_'));
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

function readyLine(child: ChildProcess, signal: AbortSignal): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    let text = '';
    const limit = setTimeout(() => reject(new Error('not ready in time')), readyMs);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`ended with code ${code}`)));
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0) return;
      clearTimeout(limit);
      signal.removeEventListener('abort', onAbort);
      const line = text.slice(0, end);
      // An error is told in JSON as well, without the word that the server is ready.
      if (line.startsWith('{"Ready"')) resolve(JSON.parse(line));
      else reject(new Error(line));
    });
  });
}
