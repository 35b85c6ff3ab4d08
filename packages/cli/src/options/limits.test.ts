import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError } from 'commander';
import { limitsOf } from './limits.ts';
import { rateValue } from './values.ts';

const rates: [string, number][] = [
  ['5MB/s', 5_000_000],
  ['500 KB/S', 500_000],
  ['500KiB/s', 512_000],
  ['500k', 512_000],
  ['1024', 1_024],
];

for (const [text, rate] of rates) {
  test(`rateValue '${text}'`, () => assert.equal(rateValue(text), rate));
}

for (const text of ['', '/s', '0', '1023', '5Mbit', '5MB/m', '-1k', '5TiB/s']) {
  test(`rateValue refuses '${text}'`, () => {
    assert.throws(() => rateValue(text), InvalidArgumentError);
  });
}

test('flags become settings in KB/s, both priorities alike', () => {
  assert.deepEqual(limitsOf({ maxDownloadRate: 1_048_576, maxUploadRate: 1_536 }), {
    DOMaxForegroundDownloadBandwidth: 1_024,
    DOMaxBackgroundDownloadBandwidth: 1_024,
    DOMaxUploadBandwidth: 2,
  });
  assert.deepEqual(limitsOf({}), {});
});
