import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientRequest } from './client-request.ts';
import { wishedBytes } from './wished-bytes.ts';

test('says which bytes will be wanted, or that the length must be known first', () => {
  const whole = { start: 0, end: Number.POSITIVE_INFINITY };
  const wish = (headers: ClientRequest['headers'], method: ClientRequest['method'] = 'GET') =>
    wishedBytes({ method, headers } as ClientRequest);
  assert.deepEqual(wish({}), whole);
  assert.deepEqual(wish({ range: 'bytes=5-9' }), { start: 5, end: 10 });
  assert.deepEqual(wish({ range: 'bytes=7-8,1-2' }), { start: 7, end: 9 });
  assert.equal(wish({ range: 'bytes=5-' })?.start, 5);
  assert.deepEqual(wish({ range: 'nonsense' }), whole);
  assert.equal(wish({ range: 'bytes=-5' }), undefined);
  assert.equal(wish({ range: 'bytes=0-1, -5' }), undefined);
  assert.equal(wish({ range: 'bytes=9999999999999999-' }), undefined);
  assert.equal(wish({}, 'HEAD'), undefined);
  assert.equal(wish({ 'if-none-match': '"1"' }), undefined);
});
