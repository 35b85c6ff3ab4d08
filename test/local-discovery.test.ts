/** Two devices and no cloud: the second finds the first by DNS-SD, and takes the file from it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPiecesHashFile, sha256OfFile } from '@sluice/agent';
import { connectLocalApi } from '@sluice/agent/local-api';
import { writeDemoFile } from '@sluice/cli';
import { type DownloadStatus, formatPiecesHashFile } from '@sluice/protocol';
import { MiB } from './fleet.test-kit.ts';
import { canMakeNamespaces, makeTwoHosts } from './network-namespaces.test-kit.ts';

const size = 24 * MiB + 7;
const sluice = fileURLToPath(new URL('../packages/cli/bin/sluice.js', import.meta.url));
const serveFile = fileURLToPath(new URL('./serve-file.ts', import.meta.url));
/** Files below 50 MB have no peers by default. */
const smallFiles = ['--set', 'DOMinFileSizeToCache=0'];
const groups = ['01234567-89ab-cdef-0123-456789abcdef', '11234567-89ab-cdef-0123-456789abcdef'];

/** A file with its hash list, and processes; all is gone when it is disposed. */
class World implements AsyncDisposable {
  readonly hashOfHashes: string;
  readonly #folder: string;
  readonly #processes: ChildProcess[] = [];

  private constructor(folder: string, hashOfHashes: string) {
    this.#folder = folder;
    this.hashOfHashes = hashOfHashes;
  }

  static async create(): Promise<World> {
    const folder = await mkdtemp(path.join(tmpdir(), 'sluice-local-'));
    const file = path.join(folder, 'file');
    const { signal } = new AbortController();
    await writeDemoFile(file, size, signal);
    const phf = await createPiecesHashFile(file, { signal });
    await writeFile(`${file}.phf`, formatPiecesHashFile(phf));
    return new World(folder, phf.hashOfHashes);
  }

  path(name: string): string {
    return path.join(this.#folder, name);
  }

  /** Runs the command, behind `prefix`. @returns the first line that it prints. */
  async run(prefix: readonly string[], ...command: string[]): Promise<string> {
    const [program, ...args] = [...prefix, process.execPath, ...command];
    const env = { ...process.env, HOME: this.#folder, XDG_STATE_HOME: '' };
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
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

  /** Serves the file at `host`, behind `prefix`. @returns its URL. */
  async source(host: string, prefix: readonly string[] = []): Promise<string> {
    const port = await this.run(prefix, serveFile, host, this.path('file'));
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}/file`;
  }

  /** `sluice get`, which goes on serving. @returns the status of the download. */
  async get(prefix: readonly string[], name: string, url: string, ...more: string[]) {
    const flags = ['--hash-of-hashes', this.hashOfHashes, '--phf', `${url}.phf`, '--json'];
    const out = ['-o', this.path(name), '--seed-for', '120'];
    const line = await this.run(
      prefix,
      sluice,
      'get',
      url,
      ...flags,
      ...out,
      ...smallFiles,
      ...more,
    );
    return this.#checked(name, JSON.parse(line));
  }

  /** An agent that takes peers on loopback only, and the download by it. */
  async agent(name: string, url: string, ...more: string[]) {
    const dataDir = this.path(`data-${name}`);
    const where = ['--data-dir', dataDir, '--listen-host', '127.0.0.1', '--peer-port', '0'];
    const quiet = ['--json', '--log-level', 'error'];
    await this.run([], sluice, 'agent', ...where, ...quiet, ...smallFiles, ...more);
    await using api = await connectLocalApi(dataDir);
    const request = { Url: url, Output: this.path(name), PhfUrl: `${url}.phf` };
    const { Id } = await api!.download({ ...request, HashOfHashes: this.hashOfHashes });
    let last: DownloadStatus | undefined;
    for await (const status of api!.follow(Id, new AbortController().signal)) last = status;
    return this.#checked(name, last!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes) {
      if (child.exitCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #checked(name: string, status: DownloadStatus): Promise<DownloadStatus> {
    assert.equal(status.State, 'Finalized', status.Error?.Message);
    assert.equal(status.Verified, true);
    assert.equal(await sha256OfFile(this.path(name)), await sha256OfFile(this.path('file')));
    return status;
  }
}

const shareOf = (status: DownloadStatus) => status.BytesFromPeers / size;
/** The same file where its source does not give it: on a busy machine HTTP would help out a peer that is slow. */
const withheld = (url: string) => url.replace(/file$/, 'withheld');

suite('agents on loopback', () => {
  test('find each other', async () => {
    await using w = await World.create();
    const url = await w.source('127.0.0.1');
    assert.equal(shareOf(await w.agent('one', url)), 0);
    const two = await w.agent('two', withheld(url), '--restrict-peer-selection-by', 'subnet');
    assert.equal(two.BytesFromLanPeers, size);
    assert.equal(shareOf(await w.agent('three', url, '--no-local-discovery')), 0);
  });
});

const skip = canMakeNamespaces ? false : 'needs root on Linux';

suite('two hosts with a cable between them', { skip }, () => {
  test('find each other by IPv4; in group mode those of the group', async () => {
    await using w = await World.create();
    await using hosts = await makeTwoHosts(['10.77.0.1/24', '10.77.0.2/24']);
    const url = await w.source('10.77.0.1', hosts.at[0]);
    await w.get(hosts.at[0], 'one', url);
    const two = await w.get(hosts.at[1], 'two', withheld(url));
    assert.equal(shareOf(two), 1);
    const group = (n: number) => ['--mode', '2', '--group-id', groups[n]!];
    assert.equal(shareOf(await w.get(hosts.at[0], 'three', url, ...group(0))), 0);
    assert.equal(shareOf(await w.get(hosts.at[1], 'four', url, ...group(1))), 0);
    const member = await w.get(hosts.at[1], 'five', withheld(url), ...group(0));
    assert.equal(shareOf(member), 1);
  });

  test('find each other by IPv6, at their link-local addresses', async () => {
    await using w = await World.create();
    await using hosts = await makeTwoHosts(['fd77::1/64', 'fd77::2/64']);
    const url = await w.source('fd77::1', hosts.at[0]);
    await w.get(hosts.at[0], 'one', url);
    const two = await w.get(hosts.at[1], 'two', withheld(url));
    assert.equal(two.BytesFromLinkLocalPeers, size);
  });
});
