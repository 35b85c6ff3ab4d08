import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { CutFiles, type CutMode } from '../store/cut-files.test-kit.ts';
import { type FileOps, realFiles } from '../store/index.ts';
import { EventSpool } from './spool.ts';

const logger = pino({ level: 'silent' });
const day = 86_400_000;

function setUp(t: TestContext) {
  const made = mkdtemp(join(tmpdir(), 'sluice-spool-'));
  t.after(async () => rm(await made, { recursive: true, force: true }));
  const time = { now: 1_800_000_000_000 };
  const open = async (
    files: FileOps = realFiles,
    more: { isOwner?: boolean; maxBytes?: number } = {},
  ) =>
    new EventSpool({
      folder: join(await made, 'events'),
      isOwner: true,
      now: () => time.now,
      logger,
      files,
      ...more,
    });
  const folder = async () => join(await made, 'events');
  return { open, folder, time };
}

const line = (n: number, size = 0) =>
  JSON.stringify({ EventId: `e${n}`, Name: 'JobError', Pad: 'x'.repeat(size) });

/** The ids that a process finds, the oldest first; they stay. */
async function idsIn(spool: EventSpool): Promise<string[]> {
  const names = new Set<string>();
  const ids: string[] = [];
  for (;;) {
    const segment = await spool.next(names);
    if (!segment) return ids;
    names.add(segment.name);
    ids.push(...segment.lines.map((l) => JSON.parse(l).EventId));
  }
}

test('what was added is there for the next process, in order, until it is sent', async (t) => {
  const { open, time, folder } = setUp(t);
  const first = await open();
  await first.add([line(1), line(2)]);
  await first.add([line(3)]);
  time.now += 1;
  const second = await open();
  assert.deepEqual(await idsIn(second), ['e1', 'e2', 'e3']);
  await second.add([line(4)]);
  const segment = await second.next(new Set());
  await second.sent([segment!.name], { taken: 3, refused: 0 });
  assert.deepEqual(await idsIn(second), ['e4']);
  const { Sent, Dropped, LastSentAt } = await second.state();
  assert.deepEqual([Sent, Dropped, LastSentAt], [3, 0, time.now]);
  await second.clear();
  assert.deepEqual(await readdir(await folder()), ['state.json']);
});

test('there is never more than may be: the oldest go first, and are counted', async (t) => {
  const { open, time } = setUp(t);
  const spool = await open(realFiles, { maxBytes: 400_000 });
  for (let n = 0; n < 100; n++) {
    time.now++;
    await spool.add([line(n, 10_000)]);
  }
  const ids = await idsIn(spool);
  assert.ok(ids.length >= 20 && ids.length < 40, `${ids.length}`);
  assert.deepEqual([ids.at(-1), (await spool.state()).Dropped], ['e99', 100 - ids.length]);
  time.now += 15 * day;
  assert.deepEqual(await idsIn(await open()), []);
  assert.equal((await spool.state()).Dropped, 100);
});

test('what is damaged is left out, and nothing else', async (t) => {
  const { open, folder, time } = setUp(t);
  const spool = await open();
  await spool.add([line(1)]);
  const [name] = (await readdir(await folder())).filter((n) => n.endsWith('.open'));
  await appendFile(join(await folder(), name!), `{"EventId":"half\nnull\n[]\n${line(2)}\n{"Eve`);
  const whole = `${String(time.now + 5).padStart(15, '0')}-0123456789.jsonl`;
  await writeFile(join(await folder(), whole.replace('89.', '.')), 'x'.repeat(300_000));
  await writeFile(join(await folder(), 'state.json'), '{"Dropped": -1, "Sent": "x"');
  await writeFile(join(await folder(), 'other.txt'), 'of somebody else');
  const next = await open();
  assert.deepEqual(await idsIn(next), ['e1', 'e2']);
  assert.deepEqual((await next.state()).Dropped, 0);
  assert.equal(await readFile(join(await folder(), 'other.txt'), 'utf8'), 'of somebody else');
});

test('who is a guest leaves alone what the owner is writing, and writes whole segments', async (t) => {
  const { open, folder } = setUp(t);
  const owner = await open();
  await owner.add([line(1)]);
  const guest = await open(realFiles, { isOwner: false });
  await guest.add([line(2)]);
  assert.deepEqual(await idsIn(guest), ['e2']);
  await guest.clear();
  await owner.add([line(3)]);
  assert.deepEqual(await idsIn(owner), ['e1', 'e3']);
  assert.ok((await readdir(await folder())).every((name) => !name.endsWith('.open')));
});

/** Fills a spool, sends a part of it, and adds more. */
async function work(spool: EventSpool, done: { added: string[]; sent: string[] }): Promise<void> {
  const add = async (...ids: number[]) => {
    await spool.add(ids.map((n) => line(n, 30_000)));
    done.added.push(...ids.map((n) => `e${n}`));
  };
  await add(1, 2, 3);
  await add(4, 5);
  const segment = await spool.next(new Set());
  const ids = segment!.lines.map((l) => JSON.parse(l).EventId as string);
  await spool.sent([segment!.name], { taken: ids.length, refused: 0 });
  done.sent.push(...ids);
  await add(6, 7);
}

test('a process that ends at any write loses nothing that was added, and nothing comes back', async (t) => {
  for (const mode of ['before', 'half', 'after'] as CutMode[]) {
    for (let cutAt = 1; ; cutAt++) {
      const { open } = setUp(t);
      const files = new CutFiles(cutAt, mode);
      const done = { added: [] as string[], sent: [] as string[] };
      await work(await open(files), done).catch(() => {});
      await files.losePower('none');
      const found = await idsIn(await open());
      const where = `${mode} ${cutAt}`;
      for (const id of done.added) {
        // Removed is not noted yet: sent it was.
        const isSent = done.sent.includes(id) || (done.sent.length === 0 && id <= 'e3');
        if (!isSent) assert.ok(found.includes(id), `${where}: ${id} is lost`);
      }
      for (const id of done.sent) assert.ok(!found.includes(id), `${where}: ${id} is back`);
      assert.equal(new Set(found).size, found.length, where);
      if (!files.isCut) break;
      assert.ok(cutAt < 100);
    }
  }
});

test('a disk that is full now takes events again later', async (t) => {
  const { open } = setUp(t);
  let isFull = true;
  const files: FileOps = {
    ...realFiles,
    async append(path, bytes, mode) {
      if (isFull) await realFiles.append(path, Buffer.from(bytes).subarray(0, 10), mode);
      if (isFull) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      await realFiles.append(path, bytes, mode);
    },
  };
  const spool = await open(files);
  await assert.rejects(spool.add([line(1)]), { code: 'ENOSPC' });
  isFull = false;
  await spool.add([line(2)]);
  assert.deepEqual(await idsIn(spool), ['e2']);
});
