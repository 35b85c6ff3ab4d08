import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localAddressTowards } from './local-address.ts';
import { publicUrl } from './public-url.ts';

test('the address of this host towards another', async () => {
  assert.equal(await localAddressTowards('http://127.0.0.1:80/x'), '127.0.0.1');
  assert.equal(await localAddressTowards('https://127.0.0.1'), '127.0.0.1');
  assert.equal(await localAddressTowards('http://no-such-host.invalid/'), undefined);
  // Not on every host.
  assert.match((await localAddressTowards('http://[::1]:80/')) ?? '::1', /^::1$/);
});

test('a URL as others may see it', () => {
  assert.equal(publicUrl('http://u:p@Host:80/a%20b?q=1#f'), 'http://host/a%20b?q=1');
});
