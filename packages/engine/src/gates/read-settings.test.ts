import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { minBackgroundQos } from './background-qos.ts';
import { readSettings } from './read-settings.ts';

function refused(given: Record<string, string | number>, message: RegExp): void {
  assert.throws(
    () => readSettings(given),
    (error) => isSluiceError(error, 'InvalidArgument') && message.test(error.message),
  );
}

test('without anything set, the defaults of DO hold', () => {
  assert.deepEqual(readSettings(), {
    DOMinRAMAllowedToPeer: 4,
    DOMinDiskSizeAllowedToPeer: 32,
    DOMinFileSizeToCache: 50,
    DOMinBatteryPercentageAllowedToUpload: 0,
    DOAllowVPNPeerCaching: 0,
    DOVpnKeywords: '',
    DOMonthlyUploadDataCap: 20,
    DOMinBackgroundQos: undefined,
    DODelayBackgroundDownloadFromHttp: 0,
    DODelayForegroundDownloadFromHttp: 0,
    DODelayCacheServerFallbackBackground: 0,
    DODelayCacheServerFallbackForeground: 0,
    DOMaxCacheSize: 20,
    DOAbsoluteMaxCacheSize: undefined,
    DOMaxCacheAge: 259_200,
    DOModifyCacheDrive: '',
  });
});

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
  refused({ DOMinRam: 4 }, /^DOMinRam: there is no such setting; .*DOMinRAMAllowedToPeer/);
  refused({ __proto__x: 1 }, /no such setting/);
  refused({ constructor: 1 }, /no such setting/);
  refused({ DOMinRAMAllowedToPeer: 100_001 }, /from 0 to 100000 \(GB\), not '100001'/);
  refused({ DOAllowVPNPeerCaching: 2 }, /from 0 to 1, not '2'/);
  refused({ DOMinBackgroundQos: 0 }, /from 1 to/);
  for (const value of ['', ' 4', '4.5', '-1', '1e3', '0x10', '9'.repeat(20), 'four']) {
    refused({ DOMinRAMAllowedToPeer: value }, /^DOMinRAMAllowedToPeer: it takes a whole number/);
  }
  for (const value of [4.5, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    refused({ DOMinRAMAllowedToPeer: value }, /whole number/);
  }
  refused({ DOVpnKeywords: 'x'.repeat(5_000) }, /up to 4096 characters/);
  refused({ DOMinBackgroundQos: 1, DOMinBackgroundQoS: 2 }, /given twice/);
});

test('background QoS: what is set, else the publisher’s, else the default', () => {
  assert.equal(minBackgroundQos(readSettings({ DOMinBackgroundQos: 500 }), 9_999), 512_000);
  assert.equal(minBackgroundQos(readSettings(), 9_999), 9_999);
  assert.equal(minBackgroundQos(readSettings(), 0), 2_560_000);
  assert.equal(minBackgroundQos(readSettings(), undefined), 2_560_000);
});
