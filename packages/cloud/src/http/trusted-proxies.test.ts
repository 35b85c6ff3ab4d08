import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCloud } from '../cloud.test-support.ts';

const forwarded = {
  'x-forwarded-for': '203.0.113.7, 198.51.100.9',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'cloud.example',
};

test('of a proxy that is trusted, the last address and the name it was called by are believed', async (t) => {
  const { ask } = await startCloud(t, { trustedProxies: ['127.0.0.0/8'] });
  const { json } = await ask('/geo', { headers: forwarded });
  assert.equal(json.ExternalIpAddress, '198.51.100.9', 'not what the device itself wrote');
  assert.equal(json.KeyValue_EndpointFullUri, 'https://cloud.example/all');
  const plain = await ask('/geo');
  assert.equal(plain.json.ExternalIpAddress, '127.0.0.1');
});

test('of others such headers are not believed, nor what is no address', async (t) => {
  const { ask, cloud } = await startCloud(t, { trustedProxies: ['192.0.2.1'] });
  const { json } = await ask('/geo', { headers: forwarded });
  assert.equal(json.ExternalIpAddress, '127.0.0.1');
  assert.equal(json.KeyValue_EndpointFullUri, `${cloud.url}/all`);
  const other = await startCloud(t, { trustedProxies: ['127.0.0.1'] });
  const bad = await other.ask('/geo', { headers: { 'x-forwarded-for': 'evil' } });
  assert.equal(bad.status, 400);
});
