import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCloud } from '../cloud.test-support.ts';

test('the page: nothing runs that is not a file of the cloud, nobody frames it, it is looked at anew each time', async (t) => {
  const { ask } = await startCloud(t);
  const moved = await ask('/console');
  assert.deepEqual([moved.status, moved.headers.location], [308, '/console/']);
  const page = await ask('/console/?x');
  if (page.status === 503) {
    assert.match(page.text, /npm run build/);
    t.skip('the console is not built');
    return;
  }
  assert.equal(page.status, 200);
  assert.match(String(page.headers['content-type']), /^text\/html/);
  assert.equal(page.headers['cache-control'], 'no-cache');
  const policy = String(page.headers['content-security-policy']);
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) {
    assert.ok(policy.includes(part), policy);
  }
  assert.doesNotMatch(policy, /unsafe|nonce|\*/);
  assert.doesNotMatch(page.text, /<script(?![^>]* src=)|<style| on[a-z]+=/);
});

test('files of the page: packed as the browser takes them, kept for ever; others are not there', async (t) => {
  const { ask } = await startCloud(t);
  const { text, status } = await ask('/console/');
  if (status === 503) return t.skip('the console is not built');
  const file = /\/console\/assets\/app-[A-Z0-9]{8}\.js/.exec(text)![0];
  const sizes = new Map<string, number>();
  for (const [accepted, encoding] of [
    [undefined, undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['gzip;q=0, br;q=0', undefined],
    ['deflate, GZIP;q=0.5', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
  ] as const) {
    const answer = await ask(file, accepted ? { headers: { 'accept-encoding': accepted } } : {});
    assert.equal(answer.headers['content-encoding'], encoding, accepted);
    assert.equal(answer.headers.vary, 'accept-encoding');
    assert.match(String(answer.headers['cache-control']), /immutable/);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    sizes.set(encoding ?? 'identity', Number(answer.headers['content-length']));
  }
  assert.ok(sizes.get('br')! < sizes.get('gzip')! && sizes.get('gzip')! < sizes.get('identity')!);
  for (const name of ['app-AAAAAAAA.js', '..%2findex.html', 'app.js', 'console.json']) {
    assert.equal((await ask(`/console/assets/${name}`)).status, 404, name);
  }
  assert.equal((await ask('/console/assets/%00')).status, 400);
});
