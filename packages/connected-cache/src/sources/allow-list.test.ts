import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { AllowList } from './allow-list.ts';
import { parseSourceName } from './source-name.ts';

const list = new AllowList([
  'any-port.example',
  'one-port.example:8080',
  '*.below.example',
  'https://secure.example',
  'https://secure-port.example:8443',
  '10.0.0.1',
  '[::1]:81',
  '2001:db8::1',
]);

function resolve(text: string) {
  return list.resolve(parseSourceName(text)!);
}

test('resolves what a client names', () => {
  for (const [text, origin, literal] of [
    ['any-port.example', 'http://any-port.example', true],
    ['any-port.example:80', 'http://any-port.example', true],
    ['any-port.example:8080', 'http://any-port.example:8080', true],
    ['one-port.example:8080', 'http://one-port.example:8080', true],
    ['a.b.below.example:81', 'http://a.b.below.example:81', false],
    ['secure.example', 'https://secure.example', true],
    ['secure.example:444', 'https://secure.example:444', true],
    ['secure-port.example', 'https://secure-port.example:8443', true],
    ['10.0.0.1:5', 'http://10.0.0.1:5', true],
    ['[::1]:81', 'http://[::1]:81', true],
    ['[2001:db8:0::1]', 'http://[2001:db8::1]', true],
  ] as const) {
    const source = resolve(text);
    assert.deepEqual([source?.origin, source?.literal], [origin, literal], text);
  }
});

test('knows no others', () => {
  for (const text of [
    ...['one-port.example', 'one-port.example:80', 'below.example', 'xbelow.example', '10.0.0.2'],
    ...['[::1]', '[::1]:80', 'secure-port.example:443', 'a.any-port.example', '[::ffff:10.0.0.1]'],
  ]) {
    assert.equal(resolve(text), undefined, text);
  }
});

test('permits redirects by the same rules, and no way back from TLS', () => {
  const permits = (url: string) => list.permits(new URL(url))?.origin;
  assert.equal(permits('https://any-port.example/x'), 'https://any-port.example');
  assert.equal(permits('http://one-port.example:8080/'), 'http://one-port.example:8080');
  assert.equal(permits('https://secure.example/'), 'https://secure.example');
  assert.equal(permits('http://secure.example/'), undefined);
  assert.equal(permits('http://other.example/'), undefined);
  assert.equal(permits('http://u:p@any-port.example/'), undefined);
  assert.equal(permits('ftp://any-port.example/'), undefined);
  assert.equal(permits('file:///etc/passwd'), undefined);
});

test('refuses entries that are no hosts', () => {
  for (const entry of [
    '',
    '*',
    '*.',
    '*.*',
    'a/b',
    'http://',
    'a b',
    '*.1.2.3.4',
    'x*.a',
    'ftp://a',
  ]) {
    assert.throws(
      () => new AllowList([entry]),
      (e) => isSluiceError(e, 'InvalidArgument'),
      entry,
    );
  }
});

test('"microsoft" stands for the documented hosts, on their ports and at public addresses only', () => {
  const theirs = new AllowList(['microsoft', 'au.download.windowsupdate.com']);
  const found = (text: string) => {
    const source = theirs.resolve(parseSourceName(text)!);
    return source && [source.origin, source.literal];
  };
  for (const host of [
    ...['dl.delivery.mp.microsoft.com', '7.tlu.dl.delivery.mp.microsoft.com'],
    ...[
      'b1.download.windowsupdate.com',
      'officecdn.microsoft.com',
      'swda01-mscdn.manage.microsoft.com',
    ],
    ...['assets1.xboxlive.com', 'tlu.dl.adu.microsoft.com', 'installer.teams.static.microsoft'],
  ]) {
    assert.deepEqual(found(host), [`http://${host}`, false], host);
  }
  const listed = 'au.download.windowsupdate.com';
  assert.deepEqual(found(listed), [`http://${listed}`, true], 'what is named itself comes first');
  for (const host of [
    ...[
      'microsoft',
      'microsoft.com',
      'evil-dl.delivery.mp.microsoft.com.evil.test',
      'xboxlive.com',
    ],
    ...[
      'dl.delivery.mp.microsoft.com:8080',
      'geomcc.prod.do.dsp.mp.microsoft.com',
      'manage.microsoft.com',
    ],
  ]) {
    assert.equal(found(host), undefined, host);
  }
  assert.equal(
    new AllowList(['x']).resolve(parseSourceName('dl.delivery.mp.microsoft.com')!),
    undefined,
  );
  const https = theirs.permits(new URL('https://swda01-mscdn.manage.microsoft.com/x'));
  assert.equal(https?.origin, 'https://swda01-mscdn.manage.microsoft.com');
});
