/** How devices find a cache node, by real processes: told by the cloud, and by DNS-SD. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createPiecesHashFile } from '@sluice/agent';
import { writeDemoFile } from '@sluice/cli';
import type { NodeStatus } from '@sluice/connected-cache';
import { type DownloadStatus, formatPiecesHashFile } from '@sluice/protocol';
import { MiB } from './fleet.test-kit.ts';
import { canMakeNamespaces, makeTwoHosts } from './network-namespaces.test-kit.ts';

const run = promisify(execFile);
const size = 6 * MiB + 7;
const sluice = fileURLToPath(new URL('../packages/cli/bin/sluice.js', import.meta.url));
const serveFile = fileURLToPath(new URL('./serve-file.ts', import.meta.url));

/** A folder and processes in it; all is gone when it is disposed. */
class World implements AsyncDisposable {
  readonly #folder: string;
  readonly #processes: ChildProcess[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<World> {
    return new World(await mkdtemp(path.join(tmpdir(), 'sluice-found-')));
  }

  path(name: string): string {
    return path.join(this.#folder, name);
  }

  get #env() {
    return { ...process.env, HOME: this.#folder, XDG_STATE_HOME: '' };
  }

  /** Starts a program behind `prefix`. @returns the first line that it prints. */
  async start(prefix: readonly string[], ...command: string[]): Promise<string> {
    const [program, ...args] = [...prefix, process.execPath, ...command];
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'], env: this.#env });
    this.#processes.push(child);
    const lines = createInterface({ input: child.stdout! });
    const gone = once(child, 'exit').then(([code]) => {
      throw new Error(`${command.join(' ')} ended with ${code}`);
    });
    gone.catch(() => {});
    const [line] = (await Promise.race([once(lines, 'line'), gone])) as [string];
    lines.resume();
    return line;
  }

  /** Starts a server of ours. @returns its ready line. */
  async server(prefix: readonly string[], ...args: string[]): Promise<{ Url: string }> {
    const quiet = ['--json', '--log-level', 'error'];
    return JSON.parse(await this.start(prefix, sluice, ...args, ...quiet));
  }

  /** Runs a command to its end. @returns what it printed. */
  async run(prefix: readonly string[], ...args: string[]): Promise<string> {
    const [program, ...rest] = [...prefix, process.execPath, sluice, ...args];
    return (await run(program!, rest, { env: this.#env })).stdout.trim();
  }

  /** A file with its hash list, served at `host`. */
  async source(prefix: readonly string[], host: string, name: string) {
    const file = this.path(name);
    const { signal } = new AbortController();
    await writeDemoFile(file, size, signal);
    const phf = await createPiecesHashFile(file, { signal });
    await writeFile(`${file}.phf`, formatPiecesHashFile(phf));
    const port = await this.start(prefix, serveFile, host, file);
    return { file, host: `${host}:${port}`, url: `http://${host}:${port}/file`, phf };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes) {
      if (child.exitCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const statusOf = (text: string) => JSON.parse(text.split('\n').at(-1)!) as DownloadStatus;

test('registered with a cloud, preheated by it, and told to devices by it', async () => {
  await using w = await World.create();
  const source = await w.source([], '127.0.0.1', 'file');
  const { Url: cloud } = await w.server([], 'cloud', '--listen', '127.0.0.1:0');
  const nodes = (...args: string[]) => w.run([], 'cloud-cache-node', ...args, '--cloud', cloud);
  const key = await nodes('create', 'site-1', '--cidr', '127.0.0.0/8', '--max-egress-mbps', '900');
  assert.match(await nodes('list'), /site-1 +Not provisioned +no/);
  await nodes('preheat', 'site-1', source.url, '--rate', '100MB/s');
  await writeFile(w.path('key'), key, { mode: 0o600 });
  const cacheDir = ['--cache-dir', w.path('cache')];
  const registered = ['--cloud', cloud, '--registration-key-file', w.path('key')];
  const listen = ['--listen', '127.0.0.1:0', '--allow', source.host];
  const node = await w.server([], 'cache-node', ...listen, ...cacheDir, ...registered);
  const identity = path.join(w.path('cache'), 'node', 'identity.json');
  const status = async () =>
    JSON.parse(await w.run([], 'cache-node', 'status', ...cacheDir, '--json')) as NodeStatus;
  while ((await status()).Stats.CacheBytes < size) await pause(50);
  const { Registration, Stats } = await status();
  assert.deepEqual(
    [Registration?.State, Registration?.Name, Registration?.MaxAllowableEgressInMbps],
    ['Healthy', 'site-1', 900],
  );
  assert.equal((await stat(identity)).mode & 0o777, 0o600);
  assert.ok(!(await readFile(identity, 'utf8')).includes(key));
  assert.match(await nodes('list'), /site-1 +Healthy +yes +127\.0\.0\.1:\d+/);

  await w.run([], 'publish', source.file, '--url', source.url, '--cloud', cloud);
  const out = ['-o', w.path('out'), '--json', '--cloud', cloud];
  const got = statusOf(await w.run([], 'get', source.url, ...out));
  assert.deepEqual([got.State, got.CacheHost], ['Finalized', new URL(node.Url).host]);
  // The source is asked beside it, as is the rule without a delay.
  assert.ok(got.BytesFromCacheServer >= MiB, `${got.BytesFromCacheServer}`);
  const after = (await status()).Stats;
  assert.ok(after.HitBytes >= got.BytesFromCacheServer);
  assert.equal(after.SourceBytes, Stats.SourceBytes, 'all of it was there');
});

const skip = canMakeNamespaces ? false : 'needs root on Linux';

suite('two hosts with a cable between them', { skip }, () => {
  test('an agent finds the node by DNS-SD, when it advertises itself', async () => {
    await using w = await World.create();
    await using hosts = await makeTwoHosts(['10.78.0.1/24', '10.78.0.2/24']);
    const [site, client] = hosts.at;
    const sources: Awaited<ReturnType<typeof w.source>>[] = [];
    for (const name of ['one', 'two', 'three', 'four']) {
      sources.push(await w.source(site, '10.78.0.1', name));
    }
    const allow = sources.flatMap(({ host }) => ['--allow', host]);
    const node = [
      'cache-node',
      '--listen',
      '0.0.0.0:8081',
      '--cache-dir',
      w.path('cache'),
      ...allow,
    ];
    await w.server(site, ...node, '--advertise');
    const dataDir = ['--data-dir', w.path('data')];
    await w.server(client, 'agent', ...dataDir);
    const get = async (source: (typeof sources)[number], name: string) => {
      const hash = ['--hash-of-hashes', source.phf.hashOfHashes, '--phf', `${source.url}.phf`];
      const out = ['-o', w.path(name), '--json', ...dataDir];
      return statusOf(await w.run(client, 'get', source.url, ...hash, ...out));
    };
    // The first one has the agent look around, and does not wait for it.
    let status = await get(sources.shift()!, 'out');
    for (const [i, source] of sources.entries()) {
      await pause(2_000);
      status = await get(source, `out-${i}`);
      if (status.CacheHost !== null) break;
    }
    const { BytesFromCacheServer, CacheHost } = status;
    assert.equal(CacheHost, '10.78.0.1:8081');
    // The node has nothing yet, so how much is its part depends on who is faster: the source is asked beside it.
    assert.ok(BytesFromCacheServer >= MiB, `${BytesFromCacheServer}`);
  });
});
