import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ManualClock, parsePiecesHashFile, pieceCount } from '@sluice/protocol';
import { entryPaths, folderNameOf } from './entry-paths.ts';
import { readJournal, writeJournal } from './journal.ts';
import {
  contentOf,
  pieceOf,
  readPiece,
  storeIn,
  temporaryFolder,
  withCode,
  writePieces,
} from './store-fixture.ts';

const pieceSize = 16_384;
const content = contentOf(10 * pieceSize - 100, pieceSize);
const { verified, simple } = content;

function pathsIn(root: string, key = verified.key) {
  return entryPaths(join(root, 'content', folderNameOf(key)));
}

/** As if the machine had been started again since: what is claimed need not be on the disk. */
async function afterPowerLoss(root: string): Promise<void> {
  const path = pathsIn(root).journal;
  const journal = (await readJournal(path, pieceCount(verified)))!;
  await writeJournal(path, { ...journal, boot: Buffer.alloc(16, 1) });
}

async function overwrite(root: string, position: number, text: string): Promise<void> {
  const path = pathsIn(root).data;
  const bytes = await readFile(path);
  bytes.write(text, position);
  await writeFile(path, bytes);
}

async function newStore(t: TestContext) {
  return storeIn(t, await temporaryFolder(t));
}

test('pieces written in any order are read back, and make the file', async (t) => {
  const store = await newStore(t);
  const entry = await store.open(verified);
  assert.equal(entry.pieces.count, 0);
  assert.deepEqual(entry.recovered, {});
  await writePieces(entry, content, [9, 0, 3, 1, 2, 8, 4, 7, 5, 6]);
  assert.ok(entry.pieces.complete);
  for (let i = 0; i < 10; i++) assert.ok((await readPiece(entry, content, i)).equals(piece(i)));
  const middle = Buffer.alloc(5);
  await entry.read(9, 100, middle);
  assert.ok(middle.equals(piece(9).subarray(100, 105)));
  Object.defineProperty(store.worker.disk, 'isPrompt', { value: false });
  assert.ok((await readPiece(entry, content, 4)).equals(piece(4)), 'by the thread pool');
  assert.ok((await readFile(pathsIn(store.root).data)).equals(content.bytes));
});

function piece(i: number): Buffer {
  return content.bytes.subarray(i * pieceSize, (i + 1) * pieceSize);
}

test('reads outside what is there are refused', async (t) => {
  const entry = await (await newStore(t)).open(verified);
  await writePieces(entry, content, [9]);
  const target = Buffer.alloc(10);
  for (const [p, offset] of [
    [0, 0],
    [10, 0],
    [-1, 0],
    [9, -1],
    [9, pieceSize - 100 - 9],
    [9, Number.NaN],
  ] as const) {
    await assert.rejects(entry.read(p, offset, target), withCode('Internal'));
  }
});

test('a piece with a wrong digest is refused and never written', async (t) => {
  const store = await newStore(t);
  const entry = await store.open(verified);
  const bad = pieceOf(content, 4);
  bad.bytes[17]! ^= 1;
  assert.equal(await entry.writePiece(4, bad, 1), false);
  assert.equal(entry.pieces.count, 0);
  const zeros = Buffer.alloc(content.bytes.length);
  assert.ok((await readFile(pathsIn(store.root).data)).equals(zeros));
  assert.equal(await entry.writePiece(4, pieceOf(content, 4), 1), true);
  await entry.close();
  assert.deepEqual((await store.open(verified)).recovered, { 1: pieceSize });
});

test('a piece from two sources at once is written once, and a bad first one does not spoil the second', async (t) => {
  const entry = await (await newStore(t)).open(verified);
  const bad = pieceOf(content, 2);
  bad.bytes.fill(0);
  const results = await Promise.all([
    entry.writePiece(2, bad, 1),
    entry.writePiece(2, pieceOf(content, 2), 2),
    entry.writePiece(2, bad, 3),
  ]);
  assert.deepEqual(results, [false, true, true]);
  assert.ok((await readPiece(entry, content, 2)).equals(piece(2)));
});

test('a piece number, origin or buffer out of range is refused', async (t) => {
  const entry = await (await newStore(t)).open(verified);
  const buffer = pieceOf(content, 0);
  await assert.rejects(entry.writePiece(10, buffer, 0));
  await assert.rejects(entry.writePiece(-1, buffer, 0));
  await assert.rejects(entry.writePiece(0, buffer, 256));
  const short = { bytes: new Uint8Array(new SharedArrayBuffer(100)) };
  await assert.rejects(entry.writePiece(0, short, 0));
  assert.equal(entry.pieces.count, 0);
});

test('what was there comes back, by origin, with job and hash list', async (t) => {
  const store = await newStore(t);
  const entry = await store.open({ ...verified, job: { Url: 'x', n: [1, null] } });
  await writePieces(entry, content, [0, 1, 3, 9]);
  await entry.setJob({ Url: 'y' });
  await entry.close();
  await assert.rejects(entry.writePiece(2, pieceOf(content, 2), 0), withCode('StoreClosed'));

  const [stored, ...none] = await store.entries();
  assert.deepEqual(none, []);
  const { digests: _, ...description } = verified;
  assert.deepEqual(stored, {
    description: { ...description, job: { Url: 'y' } },
    delivered: false,
  });
  const again = await store.open(stored!.description);
  assert.deepEqual(again.recovered, { 0: 3 * pieceSize - 100, 1: pieceSize });
  assert.deepEqual(again.pieces.toBitfield(), Uint8Array.of(0b11010000, 0b01000000));
  const phf = parsePiecesHashFile(again.phf()!);
  assert.equal(phf.hashOfHashes, verified.hashOfHashes);
  assert.equal(await again.writePiece(5, pieceOf(content, 6), 0), false);
});

test('a second opener is told that it is busy, and who has it', async (t) => {
  const store = await newStore(t);
  const other = await storeIn(t, store.root);
  const entry = await store.open(verified);
  for (const s of [store, other]) {
    await assert.rejects(s.open(verified), (e) => {
      assert.ok(withCode('ContentBusy')(e));
      return String(e).includes(`process ${process.pid}`);
    });
    await assert.rejects(s.remove(verified.key), withCode('ContentBusy'));
  }
  await entry.close();
  await (await other.open(verified)).close();
});

test('other content under the same key starts anew: bytes are never mixed', async (t) => {
  const store = await newStore(t);
  const other = contentOf(content.bytes.length, pieceSize, 'b');
  const smaller = { ...simple, contentLength: content.bytes.length - 1 };
  const coarser = { ...simple, pieceSize: 2 * pieceSize };
  for (const next of [other.simple, smaller, coarser, { ...simple, validator: undefined }]) {
    const entry = await store.open(simple);
    await writePieces(entry, content, [0, 1]);
    await entry.close();
    const reopened = await store.open(next);
    assert.equal(reopened.pieces.count, 0);
    await reopened.close();
  }
});

test('without digests and validator nothing is kept: it may be other content by now', async (t) => {
  const store = await newStore(t);
  const unknown = { ...simple, validator: undefined };
  const entry = await store.open(unknown);
  await writePieces(entry, content, [0, 1]);
  await entry.close();
  assert.equal((await store.open(unknown)).pieces.count, 0);
});

test('a HashOfHashes without its digests does not make unverified pieces pass for verified', async (t) => {
  const store = await newStore(t);
  const { digests: _, ...blind } = { ...verified, validator: '"1"' };
  const entry = await store.open(blind);
  const wrong = pieceOf(content, 1);
  wrong.bytes.fill(1);
  await entry.writePiece(0, pieceOf(content, 0), 0);
  await entry.writePiece(1, wrong, 0);
  await entry.close();
  const seeing = await store.open({ ...verified, validator: '"1"' });
  assert.deepEqual(seeing.pieces.toBitfield(), Uint8Array.of(0b10000000, 0));
});

test('when digests become known, pieces without are kept as far as they are right', async (t) => {
  const store = await newStore(t);
  const entry = await store.open(simple);
  await writePieces(entry, content, [0, 1, 2]);
  await entry.close();
  await overwrite(store.root, pieceSize, 'spoilt');
  const reopened = await store.open(verified);
  assert.deepEqual(reopened.pieces.toBitfield(), Uint8Array.of(0b10100000, 0));
  assert.deepEqual(reopened.recovered, { 0: pieceSize, 2: pieceSize });
});

test('after a power loss pieces are held against their digests', async (t) => {
  const store = await newStore(t);
  const entry = await store.open(verified);
  await writePieces(entry, content, [0, 1, 2, 9]);
  await entry.close();
  await afterPowerLoss(store.root);
  await overwrite(store.root, 9 * pieceSize, 'lost');
  const reopened = await store.open(verified);
  assert.deepEqual(reopened.pieces.toBitfield(), Uint8Array.of(0b11100000, 0));
  await writePieces(reopened, content);
  await reopened.close();
  // The check is made once: the journal is of this boot now.
  await overwrite(store.root, 0, 'unnoticed');
  assert.ok((await store.open(verified)).pieces.complete);
});

test('a kept file that has had time to reach the disk is not read again after a power loss', async (t) => {
  const clock = new ManualClock();
  for (const [ms, durable] of [
    [0, false],
    [3_600_000, true],
  ] as const) {
    const store = await storeIn(t, await temporaryFolder(t), { clock });
    const entry = await store.open(simple);
    await writePieces(entry, content);
    await entry.deliver(join(store.root, 'out'), { keep: true });
    clock.advance(ms);
    await entry.close();
    await afterPowerLoss(store.root);
    assert.equal((await store.open(simple)).pieces.count, durable ? 10 : 0);
  }
});

test('what was read back after a power loss need not be read again', async (t) => {
  const store = await newStore(t);
  const entry = await store.open(verified);
  await writePieces(entry, content);
  await entry.deliver(join(store.root, 'out'), { keep: true });
  await entry.close();
  await afterPowerLoss(store.root);
  await (await store.open(verified)).close();
  const { seal } = JSON.parse(await readFile(pathsIn(store.root).record, 'utf8'));
  assert.equal(seal.durable, true);
});

test('after a power loss pieces without digests are dropped', async (t) => {
  const store = await newStore(t);
  const entry = await store.open(simple);
  await writePieces(entry, content, [0, 1]);
  await entry.close();
  await afterPowerLoss(store.root);
  assert.equal((await store.open(simple)).pieces.count, 0);
});

test('a data file that is gone or of another size holds nothing', async (t) => {
  const store = await newStore(t);
  const { data } = pathsIn(store.root);
  for (const spoil of [() => rm(data), () => truncate(data, 5), () => truncate(data, 999_999)]) {
    const entry = await store.open(verified);
    await writePieces(entry, content, [0, 1]);
    await entry.close();
    await spoil();
    const reopened = await store.open(verified);
    assert.equal(reopened.pieces.count, 0);
    await reopened.close();
  }
});

test('reset drops the pieces, and takes the validator of the new object', async (t) => {
  const store = await newStore(t);
  const entry = await store.open(simple);
  const writing = writePieces(entry, content, [0, 1, 2]);
  await entry.reset('"new"');
  await writing;
  assert.equal(entry.pieces.count, 0);
  await writePieces(entry, content, [5]);
  assert.ok((await readPiece(entry, content, 5)).equals(piece(5)));
  await entry.close();
  const reopened = await store.open({ ...simple, validator: '"new"' });
  assert.deepEqual(reopened.pieces.toBitfield(), Uint8Array.of(0b00000100, 0));
  const bytes = await readFile(pathsIn(store.root).data);
  assert.ok(bytes.subarray(0, 5 * pieceSize).every((b) => b === 0));
});
