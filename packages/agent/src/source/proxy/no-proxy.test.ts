import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentProxy, namesProxy } from './environment.ts';
import { isExempt, isLoopback } from './no-proxy.ts';

const table: ReadonlyArray<readonly [noProxy: string, url: string, exempt: boolean]> = [
  ['', 'http://a.test/', false],
  ['*', 'http://a.test/', true],
  ['a.test', 'http://a.test/', true],
  ['a.test', 'http://b.a.test/', true],
  ['.a.test', 'http://a.test/', true],
  ['*.a.test', 'http://b.a.test/', true],
  ['a.test', 'http://nota.test/', false],
  ['A.Test', 'http://a.test/', true],
  ['x, a.test\ty', 'https://a.test/', true],
  ['a.test:8080', 'http://a.test/', false],
  ['a.test:8080', 'http://a.test:8080/', true],
  ['a.test:443', 'https://a.test/', true],
  ['10.0.0.0/8', 'http://10.1.2.3/', true],
  ['10.0.0.0/8', 'http://11.1.2.3/', false],
  ['10.0.0.0/99', 'http://10.1.2.3/', false],
  ['10.0.0.0/', 'http://10.1.2.3/', false],
  ['fd00::/8', 'http://[fd12::1]/', true],
  ['[::1]', 'http://[::1]:99/', true],
  ['[::1]:99', 'http://[::1]:99/', true],
  ['2.3', 'http://1.2.3/', false],
];

test('NO_PROXY names hosts, what is below them, addresses and blocks, with ports or without', () => {
  for (const [noProxy, url, exempt] of table) {
    assert.equal(isExempt(new URL(url), noProxy), exempt, `${noProxy} for ${url}`);
  }
});

test('knows the addresses that a proxy cannot mean', () => {
  const yes = ['http://localhost/', 'http://127.0.0.1:8/', 'https://[::1]/'];
  for (const url of yes) assert.ok(isLoopback(new URL(url)), url);
  assert.ok(!isLoopback(new URL('http://localhost.test/')));
});

test('reads the environment as others do', () => {
  const http = new URL('http://a.test/');
  const https = new URL('https://a.test/');
  assert.equal(environmentProxy(http, {}), undefined);
  assert.equal(environmentProxy(http, { http_proxy: 'p', HTTP_PROXY: 'q' }), 'p');
  assert.equal(environmentProxy(http, { HTTP_PROXY: 'q' }), 'q');
  assert.equal(environmentProxy(http, { HTTP_PROXY: 'q', REQUEST_METHOD: 'GET' }), undefined);
  assert.equal(environmentProxy(https, { http_proxy: 'p' }), undefined);
  assert.equal(environmentProxy(https, { HTTPS_PROXY: 's', all_proxy: 'a' }), 's');
  assert.equal(environmentProxy(https, { all_proxy: 'a' }), 'a');
  assert.ok(!namesProxy({ http_proxy: '', NO_PROXY: '*' }));
  assert.ok(namesProxy({ ALL_PROXY: 'a' }));
});
