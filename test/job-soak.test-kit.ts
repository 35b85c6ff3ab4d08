import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectLocalApi, type LocalApiClient } from '@sluice/agent/local-api';
import {
  formatContentRange,
  isSluiceError,
  type JobStatus,
  parseRange,
  seededRandom,
} from '@sluice/protocol';

const launcher = fileURLToPath(new URL('../packages/cli/bin/sluice.js', import.meta.url));
const rssLimit = 300 * 1024 * 1024;

export interface SoakOptions {
  jobs: number;
  /** How often the agent is killed at least. */
  kills: number;
  /** How long a life of the agent may last before it is killed, ms. */
  longestLifeMs?: number;
  seed: number;
  say?: (text: string) => void;
}

export interface SoakResult {
  kills: number;
  seconds: number;
  /** The most that an agent process had, bytes. */
  peakRss: number;
  bytes: number;
}

/**
 * Queues jobs with an agent that is killed (SIGKILL) and started again at random, pauses and resumes some,
 * and holds all to their bytes in the end: none is lost, doubled or wrong, and the memory stays bounded.
 */
export async function soakJobs(options: SoakOptions): Promise<SoakResult> {
  const soak = new Soak(options);
  try {
    return await soak.run();
  } finally {
    await soak.end();
  }
}

class Soak {
  readonly #options: SoakOptions;
  readonly #random: () => number;
  readonly #startedAt = performance.now();
  #folder = '';
  #origin = '';
  #server: Server | undefined;
  #agent: ChildProcess | undefined;
  #client: LocalApiClient | undefined;
  #kills = 0;
  #peakRss = 0;
  /** Id of each job by its number, once the agent has said that it has it. */
  readonly #ids = new Map<number, string>();
  readonly #started = new Set<number>();

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  async run(): Promise<SoakResult> {
    this.#folder = await mkdtemp(path.join(tmpdir(), 'sluice-soak-'));
    await this.#serve();
    while (!(await this.#live())) this.#options.say?.(this.#progress());
    return await this.#check();
  }

  async end(): Promise<void> {
    await this.#client?.close();
    await this.#kill();
    this.#server?.close();
    this.#server?.closeAllConnections();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** One life of the agent. @returns whether all jobs are there and over. */
  async #live(): Promise<boolean> {
    await this.#startAgent();
    const isLast = this.#kills >= this.#options.kills;
    const { longestLifeMs = 4_300 } = this.#options;
    const lifeMs = 300 + this.#random() * (longestLifeMs - 300);
    const death = isLast ? undefined : delay(lifeMs).then(() => this.#kill());
    try {
      await this.#work();
      this.#watchRss();
      // Over before it was to be killed: the next life has nothing to do but to be right.
      await death;
      return isLast;
    } catch (error) {
      const isLost = isSluiceError(error, 'AgentLost') || this.#agent?.exitCode !== null;
      if (!isLost || !death) throw error;
      await death;
      return false;
    }
  }

  /** Makes the jobs that are not there yet, and waits for all. */
  async #work(): Promise<void> {
    const { jobs } = this.#client!;
    const there = new Map((await jobs.list()).map((job) => [job.Properties.DisplayName!, job]));
    for (const [n, id] of this.#ids) assert.equal(there.get(nameOf(n))?.Id, id, `job ${n} is lost`);
    assert.equal(there.size, (await jobs.list()).length, 'a job is there twice');
    for (let n = 0; n < this.#options.jobs; n++) await this.#make(n, there.get(nameOf(n)));
    for (;;) {
      const all = await jobs.list();
      this.#watchRss();
      const open = all.filter(({ State }) => State !== 'Transferred');
      if (open.length === 0) return;
      for (const { Id, State, Error: fault } of open) {
        assert.equal(fault, null, `${State}: ${fault?.Message}`);
        if (State === 'Paused') await jobs.resume(Id);
      }
      const victim = open[Math.floor(this.#random() * open.length)]!;
      if (this.#random() < 0.3) await jobs.pause(victim.Id);
      await delay(300);
    }
  }

  async #make(n: number, known: JobStatus | undefined): Promise<void> {
    const { jobs } = this.#client!;
    const DisplayName = nameOf(n);
    const LocalPath = path.join(this.#folder, 'out', DisplayName);
    const Uri = `${this.#origin}/${n}`;
    const { Id } = known ?? (await jobs.create({ Uri, LocalPath, DisplayName }));
    this.#ids.set(n, Id);
    if (this.#started.has(n)) assert.notEqual(known?.State, 'Created', `the start of ${n} is lost`);
    else await jobs.start(Id);
    this.#started.add(n);
  }

  async #check(): Promise<SoakResult> {
    const { jobs } = this.#client!;
    const names = Array.from({ length: this.#options.jobs }, (_, n) => nameOf(n));
    let bytes = 0;
    for (const [n, name] of names.entries()) {
      const file = await readFile(path.join(this.#folder, 'out', name));
      assert.ok(file.equals(contentOf(n)), `${name} has other bytes`);
      bytes += file.length;
    }
    for (const { Id } of await jobs.list()) await jobs.finalize(Id);
    assert.deepEqual(await jobs.list(), []);
    const left = await readdir(path.join(this.#folder, 'out'));
    assert.deepEqual(left.sort(), names.sort(), 'files are left beside the delivered ones');
    assert.deepEqual(await readdir(path.join(this.#folder, 'data', 'caller-jobs')), []);
    assert.ok(this.#peakRss < rssLimit, `the agent had ${this.#peakRss >> 20} MiB`);
    const seconds = (performance.now() - this.#startedAt) / 1_000;
    return { kills: this.#kills, seconds, peakRss: this.#peakRss, bytes };
  }

  async #startAgent(): Promise<void> {
    const dataDir = path.join(this.#folder, 'data');
    const args = ['agent', '--data-dir', dataDir, '--peer-port', '0', '--no-local-discovery'];
    const { mkdir } = await import('node:fs/promises');
    await mkdir(path.join(this.#folder, 'out'), { recursive: true });
    this.#agent = spawn(process.execPath, [launcher, ...args, '--log-level', 'error'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(createInterface({ input: this.#agent.stdout! }), 'line');
    await this.#client?.close();
    this.#client = undefined;
    // On a busy machine it may take longer than a command would wait for.
    for (let tries = 0; !this.#client && tries < 20; tries++) {
      this.#client = await connectLocalApi(dataDir);
    }
    assert.ok(this.#client, 'the agent does not answer');
  }

  async #kill(): Promise<void> {
    const agent = this.#agent;
    if (!agent || agent.exitCode !== null || agent.signalCode !== null) return;
    this.#watchRss();
    const gone = once(agent, 'exit');
    agent.kill('SIGKILL');
    await gone;
    this.#kills++;
  }

  #watchRss(): void {
    const pid = this.#agent?.pid;
    if (pid === undefined || process.platform !== 'linux') return;
    try {
      const text = readFileSync(`/proc/${pid}/status`, 'utf8');
      const kib = Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1] ?? 0);
      this.#peakRss = Math.max(this.#peakRss, kib * 1_024);
    } catch {
      // Gone meanwhile.
    }
  }

  async #serve(): Promise<void> {
    this.#server = createServer((request, response) => {
      const n = Number(request.url?.slice(1));
      const content = contentOf(n);
      const [range] = [parseRange(request.headers.range ?? '', content.length)].flat();
      response.setHeader('ETag', `"${n}"`);
      if (range === undefined || range === 'unsatisfiable') response.end(content);
      else {
        response.setHeader('Content-Range', formatContentRange(range, content.length));
        response.writeHead(206).end(content.subarray(range.start, range.end));
      }
    }).listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #progress(): string {
    const { jobs } = this.#options;
    return `killed ${this.#kills} times, ${this.#ids.size} of ${jobs} jobs queued, ${this.#peakRss >> 20} MiB`;
  }
}

function nameOf(n: number): string {
  return `job-${n}`;
}

/** From nothing to 3 MiB, mostly small, the same at every call. */
function contentOf(n: number): Buffer {
  const seed = createHash('sha256').update(String(n)).digest();
  const size = n % 10 === 0 ? seed.readUInt32BE(0) % (3 << 20) : seed.readUInt32BE(0) % (200 << 10);
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += seed.length) seed.copy(bytes, at);
  for (let at = 0; at + 4 <= size; at += 4_096) bytes.writeUInt32BE(at, at);
  return bytes;
}
