import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatHostPort, type HostPort, parseHostPort } from './parse-host-port.ts';

const texts: [string, HostPort | undefined][] = [
  ['cache.local', { host: 'cache.local', port: undefined }],
  ['cache.local:8081', { host: 'cache.local', port: 8081 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['[fe80::1]', { host: 'fe80::1', port: undefined }],
  ['::1', { host: '::1', port: undefined }],
  ['', undefined],
  [':80', undefined],
  ['a:', undefined],
  ['a:65536', undefined],
  ['a:http', undefined],
  ['a:1:2', undefined],
  ['[::1', undefined],
  ['[nonsense]:80', undefined],
  ['http://a', undefined],
  ['a/b', undefined],
  ['user@a', undefined],
  ['a b', undefined],
];

for (const [text, expected] of texts) {
  test(`parseHostPort '${text}'`, () => assert.deepEqual(parseHostPort(text), expected));
}

test('formatHostPort writes what parseHostPort reads', () => {
  const port = fc.option(fc.integer({ min: 0, max: 65535 }), { nil: undefined });
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(fc.record({ host, port }, { noNullPrototype: true }), (hostPort) => {
      assert.deepEqual(parseHostPort(formatHostPort(hostPort)), hostPort);
    }),
  );
});
