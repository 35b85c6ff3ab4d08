import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCloud } from '../cloud.test-support.ts';

test('endpoints are told under the name by which the caller came', async (t) => {
  const { ask, cloud } = await startCloud(t);
  const told = async (host: string) =>
    (await ask('/geo', { headers: { host } })).json.KeyValue_EndpointFullUri;
  for (const host of ['cloud.example:8080', 'cloud', '10.0.0.1:80', '[fd00::1]:9', 'a_b.c.']) {
    assert.equal(await told(host), `http://${host}/all`);
  }
  const bad = [
    '',
    'a/b',
    'a@b',
    'a b',
    'a?x',
    'a#x',
    'a:99999',
    'a:b',
    '[::1',
    '[zz]',
    'a..-',
    '"><script>',
    '{contentId}',
    'x'.repeat(300),
  ];
  for (const host of bad) assert.equal(await told(host), `${cloud.url}/all`, host);
});
