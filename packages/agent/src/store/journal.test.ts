import assert from 'node:assert/strict';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pieceCount } from '@sluice/protocol';
import fc from 'fast-check';
import {
  bytesByOrigin,
  emptyJournal,
  encodeRecord,
  identityOf,
  type Journal,
  readJournal,
  recordPosition,
  writeJournal,
} from './journal.ts';
import { temporaryFolder } from './store-fixture.ts';

const content = { contentLength: 100 * 16_384 - 7, pieceSize: 16_384, validator: '"1"' };
const count = pieceCount(content);
const identity = identityOf(content);
const boot = Buffer.alloc(16, 7);

function journalOf(pieces: Iterable<number>): Journal {
  const journal = emptyJournal(identity, boot, count);
  for (const p of pieces) {
    journal.pieces.set(p);
    journal.origins[p] = (p * 37) % 256;
  }
  return journal;
}

function claims(journal: Journal | undefined): Map<number, number> {
  const found = new Map<number, number>();
  for (let p = 0; journal && p < count; p++) {
    if (journal.pieces.has(p)) found.set(p, journal.origins[p]!);
  }
  return found;
}

test('what was written is read, and counts bytes by origin', async (t) => {
  const path = join(await temporaryFolder(t), 'journal');
  const written = journalOf([0, 5, 98, 99]);
  await writeJournal(path, written);
  const read = await readJournal(path, count);
  assert.deepEqual(claims(read), claims(written));
  assert.deepEqual(read?.identity, identity);
  assert.deepEqual(read?.boot, boot);
  assert.deepEqual(bytesByOrigin(read!, content), {
    0: 16_384,
    [(5 * 37) % 256]: 16_384,
    [(98 * 37) % 256]: 16_384,
    [(99 * 37) % 256]: 16_384 - 7,
  });
});

test('none, an empty one, and one of another version are no journal', async (t) => {
  const path = join(await temporaryFolder(t), 'journal');
  assert.equal(await readJournal(path, count), undefined);
  await writeFile(path, '');
  assert.equal(await readJournal(path, count), undefined);
  await writeJournal(path, journalOf([1]));
  const bytes = await readFile(path);
  bytes[11] = 2;
  await writeFile(path, bytes);
  assert.equal(await readJournal(path, count), undefined);
});

test('torn anywhere, it claims what was whole, and no more', async (t) => {
  const path = join(await temporaryFolder(t), 'journal');
  const all = journalOf(Array(count).keys());
  for (const length of [0, 63, 64, 65, 71, 72, 73, 200, 64 + 8 * count - 1]) {
    await writeJournal(path, all);
    await truncate(path, length);
    const whole = Math.floor(Math.max(0, length - 64) / 8);
    assert.deepEqual([...claims(await readJournal(path, count)).keys()], [...Array(whole).keys()]);
  }
});

test('garbage in it never claims a piece, or an origin, that was not written', async (t) => {
  const path = join(await temporaryFolder(t), 'journal');
  const damage = fc.array(
    fc.record({ at: fc.nat(recordPosition(count) + 8), bytes: fc.uint8Array({ maxLength: 40 }) }),
    { minLength: 1, maxLength: 8 },
  );
  const pieces = fc.uniqueArray(fc.nat(count - 1));
  await fc.assert(
    fc.asyncProperty(pieces, damage, async (written, damages) => {
      const original = journalOf(written);
      await writeJournal(path, original);
      let bytes = await readFile(path);
      for (const { at, bytes: garbage } of damages) {
        const whole = Buffer.alloc(Math.max(bytes.length, at + garbage.length));
        bytes.copy(whole);
        whole.set(garbage, at);
        bytes = whole;
      }
      await writeFile(path, bytes);
      const before = claims(original);
      for (const [p, origin] of claims(await readJournal(path, count))) {
        assert.equal(before.get(p), origin);
      }
    }),
    { numRuns: 300, seed: 5 },
  );
});

test('a record of another content, or at the place of another piece, is none', async (t) => {
  const path = join(await temporaryFolder(t), 'journal');
  await writeJournal(path, journalOf([2]));
  const bytes = await readFile(path);
  const other = identityOf({ ...content, validator: '"2"' });
  encodeRecord(other, 0, 1).copy(bytes, recordPosition(0));
  encodeRecord(identity, 0, 1).copy(bytes, recordPosition(1));
  await writeFile(path, bytes);
  assert.deepEqual([...claims(await readJournal(path, count)).keys()], [2]);
});

test('contents that differ in anything have different identities', () => {
  const all = [
    content,
    { ...content, validator: '"2"' },
    { ...content, validator: undefined },
    { ...content, hashOfHashes: '"1"' },
    { ...content, contentLength: 1 },
    { ...content, pieceSize: 32_768 },
  ];
  assert.equal(new Set(all.map((c) => identityOf(c).toString('hex'))).size, all.length);
  assert.deepEqual(
    identityOf({ ...content, hashOfHashes: 'x' }),
    identityOf({ ...content, hashOfHashes: 'x', validator: 'y' }),
  );
});
