import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteOf } from './site.ts';

test('an IPv4 site is its external address, an IPv6 site its /64', () => {
  assert.equal(siteOf('198.51.100.1'), '198.51.100.1');
  assert.equal(siteOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  assert.equal(siteOf('2001:db8:1:2::6'), '2001:db8:1:2::/64');
  assert.equal(siteOf('2001:db8::6'), '2001:db8:0:0::/64');
  assert.equal(siteOf('2001:db8::'), '2001:db8:0:0::/64');
  assert.equal(siteOf('::1'), '0:0:0:0::/64');
});
