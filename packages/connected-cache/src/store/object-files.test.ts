import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../testing/harness.ts';
import { ObjectFiles } from './object-files.ts';
import { type ObjectRecord, parseRecord } from './object-record.ts';
import { type JournalEntry, replayJournal } from './piece-journal.ts';

const record: ObjectRecord = {
  url: 'http://a.example/',
  identity: { etag: '"1"', lastModified: undefined, length: 1000 },
  pieceSize: 1,
  segmentPieces: 10,
  headers: [],
  freshness: { receivedAt: 0, initialAgeMs: 0, lifetimeMs: 0 },
};

async function setUp(t: TestContext) {
  const directory = join(await temporaryFolder(t), 'group', 'object');
  const object = { record, journalState: (): JournalEntry[] => [{ piece: 7, crc: 7 }] };
  const failures: unknown[] = [];
  const files = new ObjectFiles({
    directory,
    made: false,
    object,
    failed: (error) => failures.push(error),
  });
  const journal = async () => replayJournal(await readFile(join(directory, 'pieces')), 1000);
  return { directory, object, failures, files, journal };
}

test('the record that is saved last stays, also while the folder is being made', async (t) => {
  const { directory, object, failures, files } = await setUp(t);
  files.saveRecord();
  const opening = files.openSegment(0);
  for (let i = 1; i <= 20; i++) {
    object.record = { ...record, freshness: { ...record.freshness, receivedAt: i } };
    files.saveRecord();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await (await opening).close();
  await files.settled();
  assert.deepEqual(failures, []);
  const saved = parseRecord(await readFile(join(directory, 'record'), 'utf8'));
  assert.equal(saved?.freshness.receivedAt, 20);
  assert.deepEqual((await readdir(directory)).sort(), ['0.data', 'record']);
});

test('a data file that is opened while it is being removed is a new one', async (t) => {
  const { files } = await setUp(t);
  const old = await files.openSegment(3);
  await old.write('old');
  files.removeSegment(3, old.close());
  const fresh = await files.openSegment(3);
  assert.equal((await fresh.stat()).size, 0);
  await fresh.write('fresh');
  await fresh.close();
  await files.settled();
  const again = await files.openSegment(3);
  assert.equal(await again.readFile('utf8'), 'fresh');
  await again.close();
});

test('the journal is appended to, and written anew when it is torn or long', async (t) => {
  const { failures, files, journal } = await setUp(t);
  await (await files.openSegment(0)).close();
  files.log([{ piece: 1, crc: 11 }]);
  files.log([{ piece: 2, crc: 22 }]);
  files.log([{ piece: 1, crc: undefined }]);
  await files.settled();
  assert.deepEqual([...(await journal()).crcs], [[2, 22]]);
  files.rewriteJournal();
  await files.settled();
  assert.deepEqual([...(await journal()).crcs], [[7, 7]]);
  files.log(Array.from({ length: 5000 }, () => ({ piece: 3, crc: 33 })));
  await files.settled();
  files.log([{ piece: 4, crc: 44 }]);
  await files.settled();
  assert.equal((await journal()).entries, 1);
  assert.deepEqual(failures, []);
});

test('tells of work that failed, and goes on', async (t) => {
  const { directory, failures, files, journal } = await setUp(t);
  files.log([{ piece: 1, crc: 11 }]);
  await files.settled();
  assert.equal(failures.length, 1, 'there is no folder yet');
  await (await files.openSegment(0)).close();
  files.log([{ piece: 2, crc: 22 }]);
  await files.settled();
  assert.deepEqual([...(await journal()).crcs], [[7, 7]], 'all of it is written anew');
  files.remove(Promise.resolve());
  await files.settled();
  await assert.rejects(readdir(directory), { code: 'ENOENT' });
});
