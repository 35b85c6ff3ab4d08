import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCpuSeconds, parseMemory, parseTime, readUsage, usageSince } from './usage.ts';

test('CPU seconds: user, system, and those of ended children', () => {
  const stat = '42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 25 5 20 0 11 0 100 1 2 3';
  assert.equal(parseCpuSeconds(stat), 2.3);
  assert.throws(() => parseCpuSeconds('42 (x) S 1'));
});

test('memory now and at most, bytes', () => {
  const status = 'Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\n';
  assert.deepEqual(parseMemory(status), { peakRss: 2 << 20, rss: 1 << 20 });
  assert.throws(() => parseMemory('Name:\tzombie\n'), /no VmHWM/);
});

test('the output of time, after a line about a failed command too', () => {
  const expected = { cpuSeconds: 0.75, peakRss: 1 << 20, rss: 1 << 20 };
  assert.deepEqual(parseTime('Command exited with non-zero status 7\n0.50 0.25 1024\n'), expected);
  assert.throws(() => parseTime('what?'));
});

test('this process, before and after', { skip: process.platform !== 'linux' }, async () => {
  const before = await readUsage(process.pid);
  assert.ok(before.rss > 0 && before.peakRss >= before.rss);
  const since = usageSince(await readUsage(process.pid), before);
  assert.ok(since.cpuSeconds >= 0 && since.cpuSeconds < 60);
});
