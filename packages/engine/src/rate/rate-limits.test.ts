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
const at = (foreground: boolean, hour = 12) => ({ foreground, hour });
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
    assert.equal(downloadLimit({}, at(foreground), 1e6), none);
    const zero = {
      DOMaxForegroundDownloadBandwidth: 0,
      DOMaxBackgroundDownloadBandwidth: 0,
      DOPercentageMaxForegroundBandwidth: 0,
      DOPercentageMaxBackgroundBandwidth: 0,
      DOMaxUploadBandwidth: 0,
    };
    assert.equal(downloadLimit(zero, at(foreground), 1e6), none);
    assert.equal(needsBandwidth(zero, at(foreground)), false);
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
  assert.equal(downloadLimit(settings, at(true), 1e6), 5_000 * 1024);
  assert.equal(downloadLimit(settings, at(false), 1e6), 450_000);
  assert.equal(downloadLimit(settings, at(false), 1e9), 500 * 1024);
  assert.equal(uploadLimit(settings), 102_400);
});

test('a percentage takes effect once the bandwidth is measured', () => {
  const settings = { DOPercentageMaxForegroundBandwidth: 90 };
  assert.equal(needsBandwidth(settings, at(true)), true);
  assert.equal(needsBandwidth(settings, at(false)), false);
  assert.equal(downloadLimit(settings, at(true), undefined), none);
  assert.equal(downloadLimit(settings, at(true), 1e6), 900_000);
  assert.equal(needsBandwidth({ DOPercentageMaxForegroundBandwidth: 100 }, at(true)), false);
});

test('business hours take the place of the percentage, also over midnight', () => {
  const settings = {
    DOPercentageMaxBackgroundBandwidth: 90,
    DOSetHoursToLimitBackgroundDownloadBandwidth: { From: 22, To: 6, In: 50, Out: 10 },
  };
  const limits = [21, 22, 0, 5, 6].map((hour) => downloadLimit(settings, at(false, hour), 1e6));
  assert.deepEqual(limits, [100_000, 500_000, 500_000, 500_000, 100_000]);
  assert.equal(downloadLimit(settings, at(true, 0), 1e6), none);
  const dynamic = { From: 8, To: 17, In: 0, Out: 100 };
  const inHours = { DOSetHoursToLimitForegroundDownloadBandwidth: dynamic };
  assert.equal(needsBandwidth(inHours, at(true, 9)), false);
  assert.equal(downloadLimit(inHours, at(true, 9), 1e6), none);
});

test('hours that begin and end alike are all day', () => {
  const hours = { From: 8, To: 8, In: 20, Out: 80 };
  const settings = { DOSetHoursToLimitForegroundDownloadBandwidth: hours };
  for (let hour = 0; hour < 24; hour++) {
    assert.equal(downloadLimit(settings, at(true, hour), 1e6), 200_000);
  }
});

test('the deprecated limits hold where a priority has none of its own', () => {
  const old = { DOMaxDownloadBandwidth: 100, DOPercentageMaxDownloadBandwidth: 50 };
  assert.equal(downloadLimit(old, at(true), undefined), 102_400);
  assert.equal(downloadLimit(old, at(false), 1_000), 500);
  const own = {
    ...old,
    DOMaxForegroundDownloadBandwidth: 200,
    DOPercentageMaxForegroundBandwidth: 80,
  };
  assert.equal(downloadLimit(own, at(true), undefined), 204_800);
  assert.equal(downloadLimit(own, at(true), 1_000), 800);
});
