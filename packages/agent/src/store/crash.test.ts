import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { pieceCount } from '@sluice/protocol';
import type { ContentEntry } from './content-entry.ts';
import { type ContentStore, openContentStore } from './content-store.ts';
import { CutFiles, type CutMode, type PowerLoss } from './cut-files.test-kit.ts';
import { contentOf, pieceOf, readPiece, storeIn, temporaryFolder } from './store-fixture.ts';
import { writeAtomically } from './write-atomically.ts';

const pieceSize = 16_384;
const content = contentOf(5 * pieceSize - 7, pieceSize);
const count = pieceCount(content.simple);
const caching = { fileId: 'a', url: 'https://a/', mode: 'Lan' as const, since: 1, usedAt: 1 };

/** What a life of the process was told before it ended. */
interface Told {
  pieces: Set<number>;
  /** The pin that the store has confirmed. */
  isPinned: boolean | undefined;
  isDelivered: boolean;
}

/** From nothing to a delivered, pinned file, in two openings. */
async function live(store: ContentStore, kind: 'verified' | 'simple', target: string, told: Told) {
  const first = await store.open(content[kind]);
  for (const p of [3, 0]) await write(first, p, told);
  await first.close();
  const second = await store.open(content[kind]);
  for (let p = 0; p < count; p++) if (!second.pieces.has(p)) await write(second, p, told);
  await second.deliver(target, { keep: true });
  told.isDelivered = true;
  for (const isPinned of [false, true]) {
    await second.setCaching(() => ({ ...caching, isPinned }));
    told.isPinned = isPinned;
  }
  await second.close();
}

async function write(entry: ContentEntry, piece: number, told: Told): Promise<void> {
  assert.ok(await entry.writePiece(piece, pieceOf(content, piece), 1));
  told.pieces.add(piece);
}

/** @returns whether the life was cut at all. */
async function cutAndRecover(
  t: TestContext,
  kind: 'verified' | 'simple',
  cutAt: number,
  mode: CutMode,
): Promise<boolean> {
  const folder = await temporaryFolder(t);
  const [root, target] = [join(folder, 'store'), join(folder, 'out')];
  const files = new CutFiles(cutAt, mode);
  const told: Told = { pieces: new Set(), isPinned: undefined, isDelivered: false };
  const store = await openContentStore({ root, worker: files.worker(), files });
  await live(store, kind, target, told).catch((error) => {
    if (!files.isCut) throw error;
  });
  // What the end of a process does: locks and open files are given back.
  await store.close();
  await assertRecovered(await storeIn(t, root), kind, target, told);
  return files.isCut;
}

async function assertRecovered(
  store: ContentStore,
  kind: 'verified' | 'simple',
  target: string,
  told: Told,
): Promise<void> {
  const before = await readFile(target).catch(() => undefined);
  assert.ok(before ? before.equals(content.bytes) : !told.isDelivered, 'half a file');
  await store.entries();
  const [surveyed] = await store.survey();
  // A confirmed pin is there; one that was not confirmed may be.
  if (told.isPinned) assert.equal(surveyed?.caching?.isPinned, true);
  const entry = await store.open(content[kind]);
  for (let p = 0; p < count; p++) {
    assert.ok(entry.pieces.has(p) || !told.pieces.has(p), `piece ${p} was told and is lost`);
    if (!entry.pieces.has(p)) continue;
    const bytes = content.bytes.subarray(p * pieceSize, (p + 1) * pieceSize);
    assert.ok((await readPiece(entry, content, p)).equals(bytes), `piece ${p} is wrong`);
  }
  for (let p = 0; p < count; p++) await entry.writePiece(p, pieceOf(content, p), 1);
  await entry.deliver(target, { keep: true });
  assert.ok((await readFile(target)).equals(content.bytes));
  await entry.close();
}

suite('cut short at each of its operations, the store', () => {
  for (const kind of ['verified', 'simple'] as const) {
    for (const mode of ['before', 'half', 'after'] as const) {
      test(`keeps every piece that it told, ${kind}, ${mode}`, async (t) => {
        let cutAt = 1;
        while (await cutAndRecover(t, kind, cutAt, mode)) cutAt++;
        assert.ok(cutAt > 25, `only ${cutAt} operations: the disk was written to behind the layer`);
      });
    }
  }

  test('removes an entry, or has it: nothing in between', async (t) => {
    for (let cutAt = 1; ; cutAt++) {
      const root = join(await temporaryFolder(t), 'store');
      const whole = await storeIn(t, root);
      const entry = await whole.open(content.verified);
      for (let p = 0; p < count; p++) await entry.writePiece(p, pieceOf(content, p), 1);
      await entry.close();
      const files = new CutFiles(cutAt);
      const store = await openContentStore({ root, worker: files.worker(), files });
      await store.remove(content.verified.key).catch((error) => {
        if (!files.isCut) throw error;
      });
      const next = await storeIn(t, root);
      const left = await readdir(join(root, 'content'));
      assert.ok(left.every((name) => !name.endsWith('.deleted')));
      assert.equal((await next.survey()).length, left.length);
      if (left.length > 0) assert.ok((await next.open(content.verified)).pieces.complete);
      if (!files.isCut) return assert.ok(cutAt > 2);
    }
  });
});

suite('a small file that is written durably', () => {
  const losses: PowerLoss[] = ['none', 'bytes', 'names'];
  for (const loss of losses) {
    test(`is the old or the new one, whatever is lost: ${loss}`, async (t) => {
      for (const mode of ['before', 'half', 'after'] as const) {
        for (let cutAt = 1; ; cutAt++) {
          const path = join(await temporaryFolder(t), 'file');
          await writeAtomically(path, 'the old one', { durable: true });
          const files = new CutFiles(cutAt, mode);
          let isTold = false;
          await writeAtomically(path, 'the new one', { durable: true, files }).then(
            () => {
              isTold = true;
            },
            (error) => {
              if (!files.isCut) throw error;
            },
          );
          await files.losePower(loss);
          const text = await readFile(path, 'utf8');
          assert.ok(isTold ? text === 'the new one' : /^the (old|new) one$/.test(text), text);
          if (!files.isCut) break;
        }
      }
    });
  }

  test('while one that is not may be lost to a power loss: the test sees it', async (t) => {
    const path = join(await temporaryFolder(t), 'file');
    const files = new CutFiles(Number.POSITIVE_INFINITY);
    await writeAtomically(path, 'text', { files });
    await files.losePower('bytes');
    assert.equal(await readFile(path, 'utf8'), '');
  });
});
