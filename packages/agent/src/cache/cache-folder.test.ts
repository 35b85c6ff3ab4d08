import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheFolder } from './cache-folder.ts';

test('the cache is where DOModifyCacheDrive says', () => {
  const env = { SYSTEMDRIVE: 'C:', CACHES: '/var/cache' };
  assert.equal(cacheFolder('', '/data', env), '/data');
  assert.equal(cacheFolder('/mnt/big', '/data', env), '/mnt/big');
  assert.equal(cacheFolder('%CACHES%/do', '/data', env), '/var/cache/do');
  assert.match(cacheFolder('%SystemDrive%', '/data', env), /^C:\\.?Sluice$/);
  assert.match(cacheFolder('D:', '/data', env), /^D:\\.?Sluice$/);
  assert.equal(cacheFolder('D:\\DOCache', '/data', env), 'D:\\DOCache');
});

test('what names no place is refused', () => {
  for (const setting of ['%NOBODY%', 'cache', '../x', 'D:cache']) {
    assert.throws(() => cacheFolder(setting, '/data', {}), { code: 'InvalidArgument' });
  }
});
