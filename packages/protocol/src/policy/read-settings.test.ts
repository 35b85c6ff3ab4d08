import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '../errors/index.ts';
import { readSettings } from './read-settings.ts';

function refused(given: Record<string, string | number>, message: RegExp): void {
  assert.throws(
    () => readSettings(given),
    (error) => isSluiceError(error, 'InvalidArgument') && message.test(error.message),
  );
}

test('numbers may come as text', () => {
  assert.equal(readSettings({ DOMinFileSizeToCache: '10' }).DOMinFileSizeToCache, 10);
  assert.equal(readSettings({ DOVpnKeywords: 'a,b' }).DOVpnKeywords, 'a,b');
});

test('the spellings of the reference document count, too', () => {
  const given = { DelayCacheServerFallbackForeground: 30, DOMinBackgroundQoS: 500 };
  const settings = readSettings(given);
  assert.equal(settings.DODelayCacheServerFallbackForeground, 30);
  assert.equal(settings.DOMinBackgroundQos, 500);
});

test('what is not accepted is named', () => {
  refused({ DOMinRam: 4 }, /^DOMinRam: there is no such setting; `sluice policy list`/);
  refused({ __proto__x: 1 }, /no such setting/);
  refused({ constructor: 1 }, /no such setting/);
  refused({ DOMinRAMAllowedToPeer: 100_001 }, /from 0 to 100000 \(GB\), not '100001'/);
  refused({ DOAllowVPNPeerCaching: 2 }, /0 \(no\) or 1 \(yes\), not '2'/);
  refused({ DOMinBackgroundQos: 0 }, /from 1 to/);
  for (const value of ['', '4.5', '-1', '1e3', '0x10', '9'.repeat(20), 'four']) {
    refused({ DOMinRAMAllowedToPeer: value }, /^DOMinRAMAllowedToPeer: it takes a whole number/);
  }
  for (const value of [4.5, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    refused({ DOMinRAMAllowedToPeer: value }, /whole number/);
  }
  refused({ DOVpnKeywords: 'x'.repeat(5_000) }, /up to 4096 characters/);
  refused({ DOMinBackgroundQos: 1, DOMinBackgroundQoS: 2 }, /given twice/);
});
