import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupHash } from './privacy.ts';

test('a group id is the base64 of SHA-256 over UTF-16LE with a NUL behind, and its case counts', () => {
  // By another program: base64(sha256(('{Contoso-Berlin}' + '\0').encode('utf-16-le'))).
  assert.equal(groupHash('{Contoso-Berlin}'), 'vdsa0ER+/ozG4gyNdidTvq01aXvIcELutTaVtR2pryk=');
  assert.notEqual(groupHash('{contoso-berlin}'), groupHash('{Contoso-Berlin}'));
});
