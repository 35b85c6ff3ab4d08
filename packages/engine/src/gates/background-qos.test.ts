import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '@sluice/protocol/policy';
import { minBackgroundQos } from './background-qos.ts';

test('background QoS: what is set, else the publisher’s, else the default', () => {
  assert.equal(minBackgroundQos(readSettings({ DOMinBackgroundQos: 500 }), 9_999), 512_000);
  assert.equal(minBackgroundQos(readSettings(), 9_999), 9_999);
  assert.equal(minBackgroundQos(readSettings(), 0), 2_560_000);
  assert.equal(minBackgroundQos(readSettings(), undefined), 2_560_000);
});
