import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overlaid } from './overlaid.ts';
import { TestSettings } from './test-settings.test-kit.ts';

test('a download’s own settings lie over those of the device, which stay live below them', () => {
  const device = Object.assign(new TestSettings({ DOMaxCacheAge: 1 }), { setBy: () => 'somebody' });
  const own = overlaid(device, { DODelayCacheServerFallbackForeground: 7 });
  const first = own.current;
  assert.equal(first.DODelayCacheServerFallbackForeground, 7);
  assert.equal(own.current, first, 'the same as long as nothing changes');
  let news = 0;
  own.watch(() => news++);
  device.set({ DOMaxCacheAge: 2, DODelayCacheServerFallbackForeground: 9 }, true);
  const { DOMaxCacheAge, DODelayCacheServerFallbackForeground } = own.current;
  assert.deepEqual([news, DOMaxCacheAge, DODelayCacheServerFallbackForeground], [1, 2, 7]);
  assert.equal(own.binds('DOMaxCacheAge'), true);
  assert.equal(own.binds('DODelayCacheServerFallbackForeground'), false);
  assert.equal(own.setBy('DODelayCacheServerFallbackForeground'), 'the request');
});
