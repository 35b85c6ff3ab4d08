import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContentPolicyReply } from '@sluice/protocol';
import { mirrorsOf } from './mirrors-of.ts';

const policy = (urls: string[] | null) => ({ ContentCdnUrls: urls }) as ContentPolicyReply;

test('mirrors are those of the caller, then the publisher’s, each once and never the URL itself', () => {
  const request = {
    Url: 'http://u:p@a.test/x#f',
    Output: '/x',
    Mirrors: ['http://b.test/x', 'http://a.test/x', 'http://b.test/x'],
  };
  const cdn = ['http://c.test/x', 'http://b.test/x', 'http://a.test/x'];
  assert.deepEqual(mirrorsOf(request, policy(cdn)), ['http://b.test/x', 'http://c.test/x']);
  assert.deepEqual(mirrorsOf({ Url: request.Url, Output: '/x' }, policy(null)), []);
  assert.deepEqual(mirrorsOf({ Url: request.Url, Output: '/x' }, undefined), []);
  const many = Array.from({ length: 50 }, (_, i) => `http://m${i}.test/x`);
  assert.equal(mirrorsOf({ Url: request.Url, Output: '/x' }, policy(many)).length, 8);
});
