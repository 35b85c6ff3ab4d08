import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Histogram, ManualClock } from '@sluice/protocol';
import type { DriveIssue } from '../store/drive-issue.ts';
import { AccessLog } from './access-log.ts';
import { AnswerNote } from './answer-note.ts';
import { History, slotMs } from './history.ts';
import { Issues } from './issues.ts';
import { Traffic } from './traffic.ts';

test('hosts are counted by name up to a bound, and the rest together', () => {
  const traffic = new Traffic();
  const clock = new ManualClock();
  for (let i = 0; i < 1000; i++) {
    const note = new AnswerNote(clock);
    note.source = `h${i}.example`;
    note.sent(1, true);
    traffic.add(note, 200, clock.now());
  }
  assert.equal(traffic.hosts.size, 65);
  assert.deepEqual(traffic.hosts.get('other'), { requests: 936, hitBytes: 936, missBytes: 0 });
  assert.equal(traffic.contents.get('Other')?.hitBytes, 1000);
});

test('a histogram says below which bound a share lies', () => {
  const h = new Histogram();
  for (let i = 0; i < 99; i++) h.add(3);
  h.add(700);
  assert.deepEqual([h.quantile(0.5), h.quantile(0.99), h.quantile(1)], [5, 5, 1000]);
  assert.equal(new Histogram().quantile(0.99), 0);
  h.add(1e9);
  assert.equal(h.quantile(1), Number.POSITIVE_INFINITY);
});

test('the history has a day of slots, and what runs', () => {
  const clock = new ManualClock();
  const figures = { EgressBytes: 0, SourceBytes: 0, HitBytes: 0, Requests: 0 };
  const history = new History(clock, () => figures);
  for (let i = 0; i < 400; i++) {
    figures.EgressBytes += i;
    clock.advance(slotMs);
  }
  figures.EgressBytes += 7;
  const { samples } = history;
  assert.equal(samples.length, 288);
  assert.deepEqual(
    [samples[0]!.egressBytes, samples.at(-2)!.egressBytes, samples.at(-1)!.egressBytes],
    [113, 399, 7],
  );
  history.close();
  assert.equal(clock.pending, 0);
});

suite('issues', () => {
  test('of drives are those that the store knows, among the others by when they began', () => {
    const drive: DriveIssue[] = [];
    const issues = new Issues(
      () => 2_000,
      () => drive,
    );
    issues.begin('Other', 'log', 'x');
    drive.push({
      ...{ type: 'DriveNotFound', drive: '/d', detail: 'gone' },
      ...{ startedAt: 1_000, endedAt: undefined },
    });
    const shown = issues.list.map(({ Type, Subject, EndTime }) => [Type, Subject, EndTime]);
    assert.deepEqual(shown, [
      ['DriveNotFound', '/d', null],
      ['Other', 'log', null],
    ]);
    drive[0]!.endedAt = 3_000;
    assert.equal(issues.list[0]!.EndTime, new Date(3_000).toISOString());
  });

  test('what happens now and then lasts until it has not happened for five minutes', () => {
    let now = 0;
    const issues = new Issues(
      () => now,
      () => [],
    );
    issues.occur('Other', 'a.example', 'one');
    now = 200_000;
    issues.occur('Other', 'a.example', 'two');
    now = 499_999;
    assert.deepEqual(
      issues.list.map(({ Detail, EndTime }) => [Detail, EndTime]),
      [['two', null]],
    );
    now = 600_000;
    assert.equal(issues.list[0]!.EndTime, new Date(500_000).toISOString());
    issues.occur('Other', 'a.example', 'three');
    assert.deepEqual(
      issues.list.map(({ Detail }) => Detail),
      ['two', 'three'],
    );
  });

  test('are a hundred at the most, those that last are kept', () => {
    const issues = new Issues(
      () => 0,
      () => [],
    );
    issues.begin('Other', 'lasting', '');
    for (let i = 0; i < 300; i++) {
      issues.begin('Other', `${i}`, '');
      issues.end('Other', `${i}`);
    }
    assert.equal(issues.list.length, 100);
    assert.equal(issues.list[0]?.Subject, 'lasting');
  });
});

test('a log that was moved away is gone on with in a new file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'access.log');
  const log = new AccessLog({ file }, assert.ifError);
  const clock = new ManualClock();
  const write = (url: string) =>
    log.write({
      message: { method: 'GET', url, httpVersion: '1.1', headers: {} },
      ...{ client: undefined, status: 200, note: new AnswerNote(clock), wallMs: 0, ms: 0 },
    });
  write('/one');
  await log.reopen();
  await rename(file, `${file}.1`);
  write('/two');
  await log.reopen();
  write('/three');
  await log.close();
  assert.match(await readFile(`${file}.1`, 'utf8'), /\/one .*\n.*\/two /);
  assert.match(await readFile(file, 'utf8'), /^[^\n]*\/three [^\n]*\n$/);
  assert.equal(log.dropped, 0);
});
