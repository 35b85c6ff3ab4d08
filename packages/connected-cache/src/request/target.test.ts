import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import fc from 'fast-check';
import { hasMarker, parseTarget } from './target.ts';

test('takes the marker out wherever it stands and leaves the rest as it is', () => {
  const part = fc.stringMatching(/^[a-z0-9=%+._~:/?@-]{0,8}$/).filter((p) => !/^cacheh/i.test(p));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.nat(5), (parts, at) => {
      const query = parts.join('&');
      const marked = [...parts];
      marked.splice(Math.min(at, parts.length), 0, 'cacheHostOrigin=h.example:81');
      const { source, path } = parseTarget(`/p?${marked.join('&')}`, 'node');
      assert.equal(path, `/p?${query}`);
      assert.deepEqual(source, { host: 'h.example', port: 81 });
    }),
  );
});

test('leaves no question mark where there was none', () => {
  assert.equal(parseTarget('/p?cacheHostOrigin=h', undefined).path, '/p');
  assert.equal(parseTarget('/p?&cacheHostOrigin=h', undefined).path, '/p?');
  assert.equal(parseTarget('/p?', 'h').path, '/p?');
});

test('knows the three forms and which of them wins', () => {
  const host = (target: string, header?: string) => parseTarget(target, header).source.host;
  assert.equal(host('/p', 'header.example'), 'header.example');
  assert.equal(host('http://url.example/p', 'header.example'), 'url.example');
  assert.equal(host('HTTP://url.example?x', 'header.example'), 'url.example');
  assert.equal(
    host('http://url.example/p?cacheHostOrigin=m.example', 'header.example'),
    'm.example',
  );
  assert.equal(host('/p?cacheHostOrigin=m.example%3A80'), 'm.example');
  assert.equal(parseTarget('http://url.example?x', undefined).path, '/?x');
  assert.ok(hasMarker('/_sluice/stats?cachehostorigin=h'));
  assert.ok(!hasMarker('/_sluice/stats?x=cacheHostOrigin'));
});

test('refuses two markers, no host, and what is not a path', () => {
  for (const target of [
    '/p?cacheHostOrigin=a&cacheHostOrigin=a',
    '/p',
    '',
    '*',
    'p',
    'https://h/p',
  ]) {
    assert.throws(
      () => parseTarget(target, undefined),
      (e) => isSluiceError(e, 'CacheRequestInvalid'),
      target,
    );
  }
});
