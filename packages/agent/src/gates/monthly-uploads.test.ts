import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { isSluiceError, ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import { MonthlyUploads } from './monthly-uploads.ts';

async function world() {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-month-'));
  const clock = new ManualClock();
  const day = { now: new Date(2026, 10, 30, 23, 59, 59) };
  return {
    dataDir,
    clock,
    day,
    path: join(dataDir, 'monthly-uploads.json'),
    open: () =>
      MonthlyUploads.open({
        dataDir,
        clock,
        today: () => day.now,
        logger: pino({ level: 'silent' }),
      }),
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true }),
  };
}

suite('uploads of the month', () => {
  test('are kept over restarts', async () => {
    await using w = await world();
    const first = await w.open();
    assert.equal(first.bytes, 0);
    first.add(100);
    first.add(11);
    await first.close();
    const second = await w.open();
    assert.equal(second.bytes, 111);
    await second.close();
    assert.equal(w.clock.pending, 0);
  });

  test('are written some seconds after a change, and only then', async () => {
    await using w = await world();
    const month = await w.open();
    assert.equal(w.clock.pending, 0);
    month.add(5);
    month.add(5);
    assert.equal(w.clock.pending, 1);
    w.clock.advance(5_000);
    await month.close();
    assert.deepEqual(JSON.parse(await readFile(w.path, 'utf8')), { Month: '2026-11', Bytes: 10 });
    assert.equal(w.clock.pending, 0);
  });

  test('begin anew with the calendar month of the place, also while it runs', async () => {
    await using w = await world();
    const month = await w.open();
    month.add(7);
    w.day.now = new Date(2026, 11, 1, 0, 0, 0);
    assert.equal(month.bytes, 0);
    month.add(3);
    await month.close();
    assert.equal((await w.open()).bytes, 3);
    w.day.now = new Date(2027, 11, 1);
    assert.equal((await w.open()).bytes, 0, 'the same month of another year');
  });

  test('of a damaged file count as none', async () => {
    const month = '"Month":"2026-11"';
    const damaged = [
      '',
      'x',
      '[]',
      'null',
      `{${month},"Bytes":-1}`,
      `{${month}}`,
      '{"Month":1,"Bytes":1}',
    ];
    for (const text of damaged) {
      await using w = await world();
      await writeFile(w.path, text);
      assert.equal((await w.open()).bytes, 0, text);
    }
  });

  test('what cannot be read is an error of the disk', async () => {
    await using w = await world();
    const open = MonthlyUploads.open({
      dataDir: join(w.dataDir, '\0'),
      clock: w.clock,
      today: () => w.day.now,
      logger: pino({ level: 'silent' }),
    });
    await assert.rejects(open, (error) => isSluiceError(error));
  });
});
