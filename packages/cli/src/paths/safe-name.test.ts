import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { safeNameOf } from './safe-name.ts';

const names: [string, string][] = [
  ['http://h/a/debian.iso', 'debian.iso'],
  ['http://h/a/debian.iso?token=1#x', 'debian.iso'],
  ['http://h/a%20b.txt', 'a b.txt'],
  ['http://h/', 'download'],
  ['http://h', 'download'],
  ['http://h/..', 'download'],
  ['http://h/a/%2e%2e', 'download'],
  ['http://h/%2e%2e%2fetc%2fpasswd', '_etc_passwd'],
  ['http://h/..%5c..%5cboot.ini', '_.._boot.ini'],
  ['http://h/.bashrc', 'bashrc'],
  ['http://h/-rf', 'rf'],
  ['http://h/~root', 'root'],
  ['http://h/a:b', 'a_b'],
  ['http://h/nul.txt', '_nul.txt'],
  ['http://h/CON', '_CON'],
  ['http://h/name.%20.', 'name'],
  ['http://h/%E0%A4', '%E0%A4'],
  ['http://h/evil%E2%80%AEgpj.exe', 'evil_gpj.exe'],
  ['http://h/a%00b%0ac', 'a_b_c'],
  ['http://h/%E6%96%87%E4%BB%B6.zip', '文件.zip'],
];

for (const [url, name] of names)
  test(`${url} → ${name}`, () => assert.equal(safeNameOf(url), name));

test('a long name is cut, its extension stays', () => {
  const name = safeNameOf(`http://h/${encodeURIComponent('ü'.repeat(300))}.tar.gz`);
  assert.ok(Buffer.byteLength(name) <= 200);
  assert.ok(name.endsWith('.tar.gz'), name);
});

test('no URL gives a name that leads elsewhere or that a system refuses', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const url = `http://h/${encodeURIComponent(text.toWellFormed())}`;
      const name = safeNameOf(url);
      assert.ok(name.length > 0 && Buffer.byteLength(name) <= 204, name);
      assert.doesNotMatch(name, /[/\\:*?"<>|\p{Cc}]|^[.\-\s]|[.\s]$/u);
    }),
  );
});
