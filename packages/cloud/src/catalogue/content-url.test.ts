import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentUrl } from './content-url.ts';

test('spellings of one address become one, different ones stay different', () => {
  assert.equal(
    contentUrl('HTTP://Example.COM:80/A/../b%20c?x=1&y#frag'),
    'http://example.com/b%20c?x=1&y',
  );
  assert.equal(contentUrl('https://h'), 'https://h/');
  assert.notEqual(contentUrl('http://h/a'), contentUrl('http://h/A'));
  assert.notEqual(contentUrl('http://h/a?b'), contentUrl('http://h/a'));
});

test('other schemes, passwords and nonsense are refused', () => {
  for (const text of [
    'ftp://h/a',
    'file:///etc/passwd',
    'javascript:1',
    'http://u:p@h/',
    'h/a',
    '',
  ]) {
    assert.equal(contentUrl(text), undefined, text);
  }
});
