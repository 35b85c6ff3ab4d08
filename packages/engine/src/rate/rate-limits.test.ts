import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  downloadLimit,
  followsDelay,
  isLimited,
  needsBandwidth,
  type TrafficClass,
  uploadLimit,
} from './rate-limits.ts';

const all: TrafficClass[] = ['http', 'cache', 'Lan', 'LinkLocal', 'Group', 'Internet'];
const none = Number.POSITIVE_INFINITY;

test('what stays on the site is never limited', () => {
  assert.deepEqual(all.filter(isLimited), ['http', 'cache', 'Group', 'Internet']);
});

test('the background gives way to delay, the foreground does not', () => {
  const following = all.filter((c) => followsDelay(c, false));
  assert.deepEqual(following, ['http', 'cache', 'Internet']);
  assert.deepEqual(
    all.filter((c) => followsDelay(c, true)),
    [],
  );
});

test('not set and 0 are no limit', () => {
  for (const foreground of [true, false]) {
    assert.equal(downloadLimit({}, foreground, 1e6), none);
    const zero = {
      DOMaxForegroundDownloadBandwidth: 0,
      DOMaxBackgroundDownloadBandwidth: 0,
      DOPercentageMaxForegroundBandwidth: 0,
      DOPercentageMaxBackgroundBandwidth: 0,
      DOMaxUploadBandwidth: 0,
    };
    assert.equal(downloadLimit(zero, foreground, 1e6), none);
    assert.equal(needsBandwidth(zero, foreground), false);
    assert.equal(uploadLimit(zero), none);
  }
});

test('KB/s and percentages hold for their priority, the smaller of the two', () => {
  const settings = {
    DOMaxForegroundDownloadBandwidth: 5_000,
    DOMaxBackgroundDownloadBandwidth: 500,
    DOPercentageMaxBackgroundBandwidth: 45,
    DOMaxUploadBandwidth: 100,
  };
  assert.equal(downloadLimit(settings, true, 1e6), 5_000 * 1024);
  assert.equal(downloadLimit(settings, false, 1e6), 450_000);
  assert.equal(downloadLimit(settings, false, 1e9), 500 * 1024);
  assert.equal(uploadLimit(settings), 102_400);
});

test('a percentage takes effect once the bandwidth is measured', () => {
  const settings = { DOPercentageMaxForegroundBandwidth: 90 };
  assert.equal(needsBandwidth(settings, true), true);
  assert.equal(needsBandwidth(settings, false), false);
  assert.equal(downloadLimit(settings, true, undefined), none);
  assert.equal(downloadLimit(settings, true, 1e6), 900_000);
  assert.equal(needsBandwidth({ DOPercentageMaxForegroundBandwidth: 100 }, true), false);
});
