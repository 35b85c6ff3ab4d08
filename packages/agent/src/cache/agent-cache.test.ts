import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { suite, test } from 'node:test';
import type { DiskSpace } from '@sluice/engine';
import type { ContentPolicies } from '@sluice/protocol';
import type { Agent } from '../agent.ts';
import type { AgentOptions } from '../agent-options.ts';
import type { Download } from '../download/download.ts';
import { bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const gb = 1024 ** 3;
const size = mib + 200_000;

/** A device with a cloud, and as many contents as are asked for. */
class World implements AsyncDisposable {
  readonly cloud: FakeCloud;
  readonly device: Device;
  readonly disk: DiskSpace = { totalBytes: 100 * gb, freeBytes: 90 * gb };
  readDisk = async (): Promise<DiskSpace> => this.disk;
  today = new Date(2026, 10, 20);
  readonly #stack: AsyncDisposableStack;

  private constructor(stack: AsyncDisposableStack, cloud: FakeCloud, device: Device) {
    this.#stack = stack;
    this.cloud = cloud;
    this.device = device;
  }

  static async create(): Promise<World> {
    const stack = new AsyncDisposableStack();
    const cloud = stack.use(await FakeCloud.start());
    return new World(stack, cloud, stack.use(await Device.create()));
  }

  agent(options: Partial<AgentOptions> = {}): Promise<Agent> {
    return this.device.agent({
      persistent: true,
      cloudUrl: this.cloud.url,
      today: () => this.today,
      diskSpace: { read: () => this.readDisk() },
      ...options,
    });
  }

  /** Downloads a content of its own, seconds after the last one. */
  async get(
    agent: Agent,
    name: string,
    policies: Partial<ContentPolicies> = {},
  ): Promise<{ download: Download; source: MisbehavingSource }> {
    this.today = new Date(this.today.getTime() + 1_000);
    const bytes = bytesOf(size, name);
    const source = this.#stack.use(await MisbehavingSource.start(bytes));
    this.cloud.publish(source.url(), phfOf(bytes), undefined, policies);
    const Output = this.device.path(`out-${name}`);
    const download = await agent.download({ Url: source.url(), Output });
    assert.equal((await download.finished).State, 'Finalized');
    return { download, source };
  }

  /** Folders of the store. */
  async stored(): Promise<number> {
    return (await readdir(this.device.path('data/content'))).length;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

async function fileIds(agent: Agent): Promise<string[]> {
  const files = await (await agent.cache()).admin.list();
  return files.map(({ FileId }) => FileId);
}

suite('the store of an agent', () => {
  test('keeps within its size: what was used least recently goes, with its job and its listing', async () => {
    await using w = await World.create();
    const agent = await w.agent({ settings: { DOMaxCacheSize: 40 } });
    const all = [];
    for (const name of ['a', 'b', 'c']) all.push((await w.get(agent, name)).download);
    const cache = await agent.cache();
    assert.equal((await cache.admin.list()).length, 3);
    // Others take all but what the store has: of that it may have 40 %, which is one file.
    w.readDisk = async () => ({
      totalBytes: 0,
      freeBytes: (all.length - (await w.stored())) * size,
    });
    await cache.makeRoom(0);
    assert.deepEqual(await fileIds(agent), [all[2]!.fileId]);
    assert.deepEqual(agent.downloads(), [all[2]]);
    assert.equal(await w.stored(), 1);
    assert.equal((await readdir(w.device.path('data/jobs'))).length, 1);
    for (const name of ['a', 'b', 'c']) {
      assert.equal((await stat(w.device.path(`out-${name}`))).size, size, 'the user’s file stays');
    }
  });

  test('goes by age, pin and expiry, also over a restart', async () => {
    await using w = await World.create();
    const settings = { DOMaxCacheAge: 3_600 };
    const first = await w.agent({ settings });
    const { download: a } = await w.get(first, 'a');
    const { download: b } = await w.get(first, 'b');
    const { admin } = await first.cache();
    const [pinned] = await admin.setPinned(a.fileId, true);
    assert.deepEqual([pinned?.IsPinned, pinned?.ExpireOn], [true, null]);
    assert.equal(a.status().IsPinned, true);
    const expiry = new Date(w.today.getTime() + 3_600_000).toISOString();
    assert.equal(b.status().ExpireOn, expiry);
    await first.close();

    w.today = new Date(w.today.getTime() + 3_600_000);
    const second = await w.agent({ settings });
    // What is just being opened to be shared again is in use.
    await Promise.all(second.downloads().map((d) => d.finished));
    await (await second.cache()).makeRoom(0);
    assert.deepEqual(await fileIds(second), [a.fileId]);
    const { admin: later } = await second.cache();
    await later.setExpiration(w.today, a.fileId);
    await (await second.cache()).makeRoom(0);
    assert.deepEqual(
      await fileIds(second),
      [],
      'a pinned file goes when its own expiry has passed',
    );
  });

  test('goes when its publisher wants it to, also over a restart', async () => {
    await using w = await World.create();
    const first = await w.agent();
    const { download: a } = await w.get(first, 'a', { MaxCacheAgeSecs: 3_600 });
    const day = w.today.getTime() + 7_200_000;
    const { download: b } = await w.get(first, 'b', {
      MaxCacheAgeSecs: 0,
      ExpireAtSecsSinceEpoch: day / 1_000,
    });
    const inAnHour = new Date(w.today.getTime() - 1_000 + 3_600_000).toISOString();
    const ends = [inAnHour, new Date(day).toISOString()];
    assert.deepEqual([a.status().ExpireOn, b.status().ExpireOn], ends);
    await first.close();
    const second = await w.agent();
    await Promise.all(second.downloads().map((d) => d.finished));
    const listed = await (await second.cache()).admin.list();
    assert.deepEqual(listed.map(({ ExpireOn }) => ExpireOn).sort(), ends);
    w.today = new Date(day - 1);
    await (await second.cache()).makeRoom(0);
    assert.deepEqual(await fileIds(second), [b.fileId]);
    w.today = new Date(day);
    await (await second.cache()).makeRoom(0);
    assert.deepEqual(await fileIds(second), []);
  });

  test('what is being fetched stays, and goes after it if its expiry has passed', async () => {
    await using w = await World.create();
    const agent = await w.agent();
    const bytes = bytesOf(size, 'x');
    await using source = await MisbehavingSource.start(bytes);
    w.cloud.publish(source.url(), phfOf(bytes));
    source.limit = mib;
    const Output = w.device.path('out-x');
    const download = await agent.download({ Url: source.url(), Output });
    await source.limitReached;
    const cache = await agent.cache();
    const [file] = await cache.admin.list();
    assert.deepEqual([file?.Status, file?.IsBusy], ['Downloading', true]);
    await cache.admin.setExpiration(w.today);
    await cache.makeRoom(1000 * gb);
    assert.equal(await w.stored(), 1);
    await assert.rejects(cache.admin.remove(file!.HashOfHashes!), { code: 'ContentBusy' });
    source.limit = Number.POSITIVE_INFINITY;
    assert.equal((await download.finished).State, 'Finalized');
    await cache.makeRoom(0);
    assert.equal(await w.stored(), 0);
  });

  test('is emptied on order, pinned files only when asked for by name of the switch', async () => {
    await using w = await World.create();
    const agent = await w.agent();
    const { download: a } = await w.get(agent, 'a');
    const { download: b } = await w.get(agent, 'b');
    const { admin } = await agent.cache();
    await admin.setPinned(a.fileId, true);
    await assert.rejects(admin.remove(a.fileId), { code: 'PinnedNeedsForce' });
    await assert.rejects(admin.remove('nobody'), { code: 'FileUnknown' });
    await assert.rejects(admin.setExpiration(new Date(w.today.getTime() + 400 * 86_400_000)), {
      code: 'InvalidArgument',
    });
    assert.deepEqual(
      (await admin.remove()).map((f) => f.FileId),
      [b.fileId],
    );
    assert.deepEqual(
      (await admin.remove(undefined, true)).map((f) => f.FileId),
      [a.fileId],
    );
    assert.deepEqual(await fileIds(agent), []);
    assert.ok(existsSync(w.device.path('out-a')));
  });

  test('what came without peers cannot be pinned', async () => {
    await using w = await World.create();
    const agent = await w.agent();
    const bytes = bytesOf(size, 'x');
    await using source = await MisbehavingSource.start(bytes);
    source.limit = mib;
    const request = { Url: source.url(), Output: w.device.path('out'), Mode: 99 as const };
    const download = await agent.download(request);
    await source.limitReached;
    await download.abort();
    const { admin } = await agent.cache();
    const [half] = await admin.list();
    assert.deepEqual([half?.Status, half?.FileId], ['Paused', download.fileId]);
    await assert.rejects(admin.setPinned(download.fileId, true), { code: 'PinRefused' });
  });
});

suite('a scrub of the store', () => {
  test('finds bytes that have rotted, drops the file and fetches it again, pin and all', async () => {
    await using w = await World.create();
    const agent = await w.agent();
    const { download: a, source } = await w.get(agent, 'a');
    await w.get(agent, 'b');
    const cache = await agent.cache();
    await cache.admin.setPinned(a.fileId, true);
    assert.deepEqual((await cache.verify()).Corrupt, []);
    const [folder] = await folderOf(w, a);
    const data = await open(`${folder}/data`, 'r+');
    await data.write(Buffer.from('rot'), 0, 3, mib + 5);
    await data.close();
    const before = source.bytesSent;
    const check = await cache.verify();
    const { Files, Bytes, Skipped, Corrupt } = check;
    assert.deepEqual([Files, Bytes, Skipped], [2, 2 * size, 0]);
    const SourceURL = source.url();
    assert.deepEqual(Corrupt, [{ FileId: a.fileId, SourceURL, Pieces: [1], Refetched: true }]);
    const again = agent.downloads().find((d) => d.fileId === a.fileId)!;
    assert.equal((await again.finished).State, 'Finalized');
    assert.equal(source.bytesSent - before, size);
    assert.deepEqual((await cache.verify()).Corrupt, []);
    assert.equal(again.status().IsPinned, true);
  });
});

/** Where a content lies, as the only one with that url. */
async function folderOf(w: World, download: Download): Promise<string[]> {
  const root = w.device.path('data/content');
  const found: string[] = [];
  for (const name of await readdir(root)) {
    const text = await readFile(`${root}/${name}/entry.json`, 'utf8');
    if (text.includes(download.fileId)) found.push(`${root}/${name}`);
  }
  return found;
}
