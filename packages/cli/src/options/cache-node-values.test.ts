import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aliasesOf, aliasValue, classValue, driveValue } from './cache-node-values.ts';

test('reads drives as Connected Cache writes them, and with units', () => {
  const [first, second] = driveValue('/b,c,1.5GiB', driveValue('/a,100', undefined));
  assert.deepEqual(first, { folder: '/a', maxBytes: 100e9 });
  assert.deepEqual(second, { folder: '/b,c', maxBytes: 1.5 * 1024 ** 3 });
  for (const wrong of ['/a', ',5', '/a,', '/a,x', '/a,1MB', '']) {
    assert.throws(() => driveValue(wrong, undefined), /PATH,SIZE/, wrong);
  }
});

test('reads classes', () => {
  const text = 'name=win,host=*.windowsupdate.com,host=b:81,path=/d/*,quota=100GB,expiry=30d';
  assert.deepEqual(classValue(text, undefined), [
    {
      name: 'win',
      hosts: ['*.windowsupdate.com', 'b:81'],
      paths: ['/d/*'],
      maxBytes: 100e9,
      keepMs: 30 * 24 * 3600e3,
    },
  ]);
  for (const wrong of [
    'host=a',
    'name=a,b',
    'name=a,size=5',
    'name=a,quota=x',
    'name=a,expiry=5',
  ]) {
    assert.throws(() => classValue(wrong, undefined), wrong);
  }
});

test('reads aliases from flags and from the environment', () => {
  assert.deepEqual(aliasValue('c=d', aliasValue('a=b', undefined)), { a: 'b', c: 'd' });
  for (const wrong of ['a', '=b', 'a=']) assert.throws(() => aliasValue(wrong, undefined), wrong);
  const environment = {
    CACHEABLE_CUSTOM_1_HOST: 'a.example',
    CACHEABLE_CUSTOM_1_CANONICAL: 'x.example',
    CACHEABLE_CUSTOM_2_HOST: 'x.example',
    CACHEABLE_CUSTOM_2_CANONICAL: 'x.example',
    CACHEABLE_CUSTOM_3_HOST: 'lonely.example',
  };
  assert.deepEqual(aliasesOf(environment), { 'a.example': 'x.example' });
});
