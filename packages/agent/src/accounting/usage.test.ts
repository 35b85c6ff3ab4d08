import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { isSluiceError, ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import { Usage } from './usage.ts';

async function world() {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-usage-'));
  const clock = new ManualClock();
  const day = { now: new Date(2026, 10, 30, 23, 59, 59) };
  const logger = pino({ level: 'silent' });
  return {
    dataDir,
    clock,
    day,
    path: join(dataDir, 'usage.json'),
    open: (keepsDownloads = true) =>
      Usage.open({ dataDir, clock, today: () => day.now, logger, keepsDownloads }),
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true }),
  };
}

suite('the account of traffic', () => {
  test('is kept over restarts, by class and priority, for the month and altogether', async () => {
    await using w = await world();
    const first = await w.open();
    first.received('http', 100, true);
    first.received('cache', 30, false);
    first.received('Lan', 7, false);
    first.received('Group', 2, false);
    first.sent('LinkLocal', 5);
    first.sent('Internet', 11);
    first.ran(250, true);
    first.fileDownloaded();
    first.fileUploaded();
    await first.close();
    const second = await w.open();
    const { Down, Up, Foreground, Background, Month } = second.month;
    assert.equal(Month, '2026-11');
    assert.deepEqual(Down, { http: 100, cache: 30, Lan: 7, LinkLocal: 0, Group: 2, Internet: 0 });
    assert.deepEqual(Up, { Lan: 0, LinkLocal: 5, Group: 0, Internet: 11 });
    assert.deepEqual([Foreground, Background.Bytes], [{ Bytes: 100, Ms: 250 }, 39]);
    assert.deepEqual(second.total, { Down, Up, FilesDownloaded: 1, FilesUploaded: 1 });
    assert.deepEqual(second.monthStart, new Date(2026, 10, 1));
    assert.equal(w.clock.pending, 0);
  });

  test('is written some seconds after a change, and only then', async () => {
    await using w = await world();
    const usage = await w.open();
    assert.equal(w.clock.pending, 0);
    usage.sent('Internet', 5);
    usage.sent('Internet', 5);
    assert.equal(w.clock.pending, 1);
    w.clock.advance(5_000);
    await usage.close();
    assert.match(await readFile(w.path, 'utf8'), /"Internet":10/);
    assert.equal(w.clock.pending, 0);
  });

  test('a device that only downloads once writes nothing', async () => {
    await using w = await world();
    const usage = await w.open(false);
    usage.received('http', 5, true);
    usage.ran(10, true);
    usage.fileDownloaded();
    await usage.close();
    await assert.rejects(readFile(w.path), { code: 'ENOENT' });
  });

  test('begins a page with the calendar month of the place, also while it runs', async () => {
    await using w = await world();
    const usage = await w.open();
    usage.sent('Internet', 7);
    w.day.now = new Date(2026, 11, 1, 0, 0, 0);
    assert.equal(usage.month.Up.Internet, 0);
    usage.sent('Internet', 3);
    assert.equal(usage.total.Up.Internet, 10);
    await usage.close();
    assert.equal((await w.open()).month.Up.Internet, 3);
    w.day.now = new Date(2027, 11, 1);
    assert.equal((await w.open()).month.Up.Internet, 0, 'the same month of another year');
  });

  test('finds the page again when a clock that was wrong is set right', async () => {
    await using w = await world();
    const usage = await w.open();
    usage.sent('Internet', 7);
    for (const wrong of [new Date(1970, 0, 1), new Date(2099, 0, 1)]) {
      w.day.now = wrong;
      assert.equal(usage.month.Up.Internet, 0);
      usage.sent('Internet', 1);
      w.day.now = new Date(2026, 10, 30);
      assert.equal(usage.month.Up.Internet, 7);
    }
    await usage.close();
    assert.equal((await w.open()).month.Up.Internet, 7);
  });

  test('of a damaged file counts as none', async () => {
    const page = '"Months":[{"Month":"2026-11"}]';
    for (const text of ['', 'x', '[]', 'null', '{}', `{"Version":1,${page},"Total":{}}`]) {
      await using w = await world();
      await writeFile(w.path, text);
      assert.equal((await w.open()).month.Up.Internet, 0, text);
    }
  });

  test('what cannot be read is an error of the disk', async () => {
    await using w = await world();
    const open = Usage.open({
      dataDir: join(w.dataDir, '\0'),
      clock: w.clock,
      today: () => w.day.now,
      logger: pino({ level: 'silent' }),
      keepsDownloads: true,
    });
    await assert.rejects(open, (error) => isSluiceError(error));
  });
});
