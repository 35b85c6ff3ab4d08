import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalIPv6, parseSourceName } from './source-name.ts';

test('reads hosts and ports in canonical form', () => {
  for (const [text, host, port] of [
    ['example.com', 'example.com', undefined],
    ['EXAMPLE.com.', 'example.com', undefined],
    ['a-b.c_d.example:8080', 'a-b.c_d.example', 8080],
    ['localhost:1', 'localhost', 1],
    ['10.0.0.1:65535', '10.0.0.1', 65535],
    ['[::1]', '::1', undefined],
    ['[2001:DB8:0:0::1]:80', '2001:db8::1', 80],
    ['[::ffff:127.0.0.1]', '::ffff:7f00:1', undefined],
  ] as const) {
    assert.deepEqual(parseSourceName(text), { host, port }, text);
  }
});

test('takes nothing else', () => {
  for (const text of [
    ...[
      '',
      '.',
      '..',
      'a..b',
      '-a.b',
      'a-.b',
      'a b',
      'a/b',
      'a\\b',
      'a@b',
      'a:b',
      'a:',
      'a:0',
      'a:65536',
    ],
    ...[
      'a:080800',
      ':80',
      'a:80:80',
      '1',
      '127.1',
      '0x7f000001',
      '2130706433',
      '1.2.3.4.5',
      '256.1.1.1',
    ],
    ...[
      '01.2.3.4',
      'a.0x1',
      '1.2.3.',
      '::1',
      '[::1',
      '[::1]x',
      '[fe80::1%eth0]',
      '[1.2.3.4]',
      '[]',
      'ä.de',
    ],
    ...['a\n', 'a\0', `${'a'.repeat(64)}.b`, `${'a.'.repeat(127)}a`],
  ]) {
    assert.equal(parseSourceName(text), undefined, JSON.stringify(text));
  }
});

test('knows an IPv6 address only without a zone', () => {
  assert.equal(canonicalIPv6('0:0:0:0:0:0:0:1'), '::1');
  assert.equal(canonicalIPv6('::1%lo'), undefined);
  assert.equal(canonicalIPv6('1.2.3.4'), undefined);
});
