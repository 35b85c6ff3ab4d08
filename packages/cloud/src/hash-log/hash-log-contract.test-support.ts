import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstBrokenStatement, isSluiceError } from '@sluice/protocol';
import { Alarms } from '../alarms/alarms.ts';
import type { Database } from '../database/database.ts';
import { IngestJobs, leaseMs } from '../ingest/ingest-jobs.ts';
import { HashLog, type NewStatement } from './hash-log.ts';

const hash = (letter: string) => `${letter.repeat(43)}=`;

function said(Url: string, Validator: string | null, letter: string): NewStatement {
  const facts = { ContentLength: 2 ** 40, PieceSize: 1_048_576, Origin: 'ingest' } as const;
  return { Url, Validator, HashOfHashes: hash(letter), ...facts };
}

/** What the log and the queue of hashing jobs must do in every database. @param open an empty one */
export function ingestContract(name: string, open: () => Promise<Database>): void {
  const check = (
    title: string,
    body: (of: { log: HashLog; alarms: Alarms; jobs: IngestJobs; at: { now: number } }) => unknown,
  ) =>
    test(title, async () => {
      const database = await open();
      const at = { now: 1_000_000 };
      const wallTime = () => at.now;
      try {
        const alarms = await Alarms.open(database, wallTime, undefined);
        const log = await HashLog.open(database, { alarms, wallTime });
        await body({ log, alarms, jobs: await IngestJobs.open(database, wallTime), at });
      } finally {
        await database.close();
      }
    });

  describe(`${name}: log of hash lists, and hashing jobs`, () => {
    check('what is said of a state stands; nothing of a refused batch is entered', async (of) => {
      const { log, alarms } = of;
      const long = `http://h/${'x'.repeat(8_000)}`;
      await log.append([said('http://h/a', 'etag:"1"', 'A'), said(long, 'etag:"1"', 'A')]);
      await log.append([said('http://h/a', 'etag:"1"', 'A')]);
      await log.append([said('http://h/a', 'etag:"2"', 'B')]);
      const wrong = [said('http://h/b', 'etag:"1"', 'B'), said('http://h/a', 'etag:"1"', 'B')];
      for (let i = 0; i < 2; i++) {
        await assert.rejects(log.append(wrong), (e) => isSluiceError(e, 'HashConflict'));
      }
      const entries = await log.list({ after: 0, limit: 10 });
      assert.deepEqual(
        entries.map((e) => [e.Seq, e.Url, e.Validator]),
        [
          [1, 'http://h/a', 'etag:"1"'],
          [2, long, 'etag:"1"'],
          [3, 'http://h/a', 'etag:"2"'],
        ],
      );
      const newest = await log.list({ after: 3, limit: 1, newestFirst: true });
      assert.deepEqual(newest, [entries[1]]);
      const [alarm, ...more] = await alarms.list();
      assert.deepEqual(
        [alarm?.Kind, alarm?.Subject, alarm?.Count],
        ['HashConflict', 'http://h/a', 2],
      );
      assert.deepEqual([more, await alarms.settle(alarm!.Id), await alarms.open()], [[], true, 0]);
    });

    check('the chain tells what was changed, left out, or put elsewhere', async ({ log }) => {
      await Promise.all(
        [...'ABCDEFGH'].map((letter) => log.append([said(`http://h/${letter}`, null, letter)])),
      );
      const all = await log.list({ after: 0, limit: 10 });
      assert.equal(all.length, 8);
      assert.equal(firstBrokenStatement(undefined, all), undefined);
      assert.equal(firstBrokenStatement(all[3], all.slice(4)), undefined);
      const changed = all.with(2, { ...all[2]!, HashOfHashes: hash('Z') });
      assert.equal(firstBrokenStatement(undefined, changed)?.Seq, 3);
      assert.equal(firstBrokenStatement(undefined, all.toSpliced(4, 1))?.Seq, 6);
      assert.equal(firstBrokenStatement(undefined, all.toReversed())?.Seq, 8);
    });

    check('without a validator nothing is promised, but everything is written down', async (of) => {
      for (const letter of 'ABA') await of.log.append([said('http://h/a', null, letter)]);
      assert.equal((await of.log.list({ after: 0, limit: 10 })).length, 3);
    });

    check('a job is one for its URL, and one cloud has it until its lease ends', async (of) => {
      const { jobs, at } = of;
      assert.deepEqual(
        await Promise.all([1, 2, 3].map(() => jobs.want('http://h/a'))).then((w) => w.toSorted()),
        [false, false, true],
      );
      const claims = await Promise.all(['one', 'two'].map((lease) => jobs.claim(lease)));
      const [row, ...others] = claims.filter((claimed) => claimed !== undefined);
      assert.deepEqual([others, row?.state], [[], 'Running']);
      at.now += leaseMs - 1;
      assert.equal(await jobs.claim('three'), undefined);
      assert.equal(await jobs.renew(row!.id, row!.lease!), true);
      at.now += leaseMs;
      const taken = await jobs.claim('three');
      assert.equal(taken?.id, row!.id);
      // Who was taken for dead has no word in it any more.
      const found = {
        content_id: 'c',
        validator: 'v',
        content_length: 1,
        sha256: 'a',
        sha512: 'b',
      };
      assert.equal(await jobs.done(row!.id, row!.lease!, found), false);
      assert.equal(await jobs.done(row!.id, 'three', found), true);
      assert.equal((await jobs.find('http://h/a'))?.state, 'Done');
      assert.deepEqual(
        [await jobs.want('http://h/a'), await jobs.claim('four')],
        [false, undefined],
      );
    });

    check('a failed job waits, and the longest waiting comes first', async ({ jobs, at }) => {
      await jobs.want('http://h/a');
      const row = await jobs.claim('one');
      await jobs.failed(row!, 'no way', 5_000, false);
      at.now += 1;
      await jobs.want('http://h/b');
      assert.equal((await jobs.claim('two'))?.url, 'http://h/b');
      assert.equal(await jobs.claim('three'), undefined);
      at.now += 5_000;
      const again = await jobs.claim('three');
      assert.deepEqual([again?.url, again?.tries], ['http://h/a', 1]);
      await jobs.failed(again!, 'never', 5_000, true);
      assert.equal(await jobs.want('http://h/a'), false);
      const [view] = await jobs.list({ after: '', limit: 5, state: 'Failed' });
      assert.deepEqual([view?.Tries, view?.Error], [2, 'never']);
      at.now += 5_000;
      assert.equal(await jobs.want('http://h/a'), true);
    });
  });
}
