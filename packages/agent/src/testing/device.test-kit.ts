import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type DownloadRequest, type DownloadStatus, PiecesHasher } from '@sluice/protocol';
import { type Agent, createAgent } from '../agent.ts';
import type { AgentOptions } from '../agent-options.ts';
import { FakeHost } from '../host/fake-host.test-kit.ts';
import { contentOf } from '../store/store-fixture.ts';
import { refusedHost } from './addresses.test-kit.ts';
import { CountingClock } from './counting-clock.test-kit.ts';

export const mib = 1_048_576;

/** `length` bytes, the same for the same seed, of which no two pieces are alike. */
export function bytesOf(length: number, seed = 'a'): Buffer {
  return contentOf(length, mib, seed).bytes;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function phfOf(bytes: Uint8Array, pieceSize = mib) {
  const hasher = new PiecesHasher({ pieceSize });
  hasher.update(bytes);
  return hasher.finish();
}

/** The runtime keeps a file of its own from when it first listens; that is not to come amid a test. */
const opened = refusedHost();

/**
 * A folder, and agents that keep their data in it. At its end all agents are closed, and nothing may be
 * left of them: no timer, no open file, no socket.
 */
export class Device implements AsyncDisposable {
  readonly folder: string;
  readonly clock: CountingClock;
  readonly #agents: Agent[] = [];
  readonly #filesBefore: number;

  private constructor(folder: string, clock: CountingClock) {
    this.folder = folder;
    this.clock = clock;
    this.#filesBefore = openFiles();
  }

  /** @param where the folder's parent. */
  static async create(clock = new CountingClock(), where = tmpdir()): Promise<Device> {
    await opened;
    return new Device(await mkdtemp(join(where, 'sluice-device-')), clock);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Files of any size have peers here, and a host that no gate refuses. */
  async agent(options: Partial<AgentOptions> = {}): Promise<Agent> {
    const agent = await createAgent({
      dataDir: this.path('data'),
      peerPort: 0,
      listenHost: '127.0.0.1',
      // Tests of other files run beside this one, with devices and contents of the same kind.
      localDiscovery: false,
      clock: this.clock,
      hostProbe: new FakeHost(),
      ...options,
      settings: { DOMinFileSizeToCache: 0, ...options.settings },
    });
    this.#agents.push(agent);
    return agent;
  }

  /** Downloads to `out` by an agent of its own, to the end. */
  async get(
    request: Partial<DownloadRequest> & { Url: string },
    options: Partial<AgentOptions> = {},
  ): Promise<DownloadStatus> {
    const agent = await this.agent(options);
    try {
      const download = await agent.download({ Output: this.path('out'), ...request });
      return await download.finished;
    } finally {
      await agent.close();
    }
  }

  remove(name = 'out'): Promise<void> {
    return rm(this.path(name));
  }

  read(name = 'out'): Promise<Buffer> {
    return readFile(this.path(name));
  }

  /** What lies in the folder besides the agents' data. */
  async files(): Promise<string[]> {
    return (await readdir(this.folder)).filter((name) => !name.startsWith('data')).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.#agents) {
      const startedAt = performance.now();
      await agent.close();
      assert.ok(performance.now() - startedAt < 5_000, 'an agent took too long to close');
    }
    assert.equal(this.clock.pending, 0, 'timers are left');
    await this.#assertNoFiles();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The far side of a closed socket, which is in this process too, closes some turns later. */
  async #assertNoFiles(): Promise<void> {
    const until = performance.now() + 5_000;
    while (openFiles() > this.#filesBefore) {
      assert.ok(performance.now() < until, `files or sockets are left open: ${openFileNames()}`);
      await pause(1);
    }
  }
}

/** Open files and sockets of this process; 0 where the system does not tell. */
function openFiles(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
}

function openFileNames(): string {
  const names = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return 'closed meanwhile';
    }
  });
  return names.join(' ');
}

/** What a failed download must look like. */
export async function assertFailed(
  device: Device,
  status: DownloadStatus,
  code: string,
): Promise<void> {
  const { State, Error: error } = status;
  assert.equal(State, 'Failed');
  assert.equal(error?.Code, code, `${error?.Code}: ${error?.Message}`);
  assert.ok(error.Remedy.length > 10);
  assert.doesNotMatch(`${error.Message} ${error.Remedy}`, /\{\w+\}|undefined/);
  assert.deepEqual(await device.files(), [], 'nothing may be left where the file was to be');
}

/** What a download that went well must look like. */
export async function assertDelivered(
  device: Device,
  status: DownloadStatus,
  bytes: Uint8Array,
): Promise<void> {
  assert.equal(status.State, 'Finalized', `${status.Error?.Code}: ${status.Error?.Message}`);
  assert.ok((await device.read()).equals(bytes), 'the file has other bytes');
  assert.equal(status.FileSize, bytes.length);
  assert.equal(status.FileSizeInCache, bytes.length);
  assert.deepEqual(await device.files(), ['out']);
}
