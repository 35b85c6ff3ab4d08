import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ErrorCode, isSluiceError } from '../errors/index.ts';
import { formatPiecesHashFile } from './format.ts';
import { maxPhfBytes } from './limits.ts';
import { parsePiecesHashFile } from './parse.ts';
import { PiecesHasher } from './pieces-hasher.ts';

/** The test vector of wire.md §1, as Microsoft serves it. */
const real =
  '{"MajorVersion":1,"MinorVersion":0,"HashOfHashes":"bLR+YkW147Gf10YSrQ6lgW3AC9E1aDesK3TaSr0DHJA=",' +
  '"ContentLength":244530,"PieceSize":1048576,"Pieces":["J/rmYNjGCeAgcDu0Y7ZgHmKBHcddsZl1vLfWjZWbUn0="]}';
const digest = '"J/rmYNjGCeAgcDu0Y7ZgHmKBHcddsZl1vLfWjZWbUn0="';

const parse = (text: string) => parsePiecesHashFile(Buffer.from(text, 'utf8'));

/** The real file with one text in it replaced. */
function changed(from: string | RegExp, to: string): string {
  const text = real.replace(from, to);
  assert.notEqual(text, real, 'the change must find its place');
  return text;
}

function refuses(text: string | Uint8Array, detail: RegExp, code: ErrorCode = 'PhfInvalid'): void {
  assert.throws(
    () => parsePiecesHashFile(typeof text === 'string' ? Buffer.from(text) : text),
    (e) => isSluiceError(e, code) && detail.test(e.message),
    `${typeof text === 'string' ? text : `${text.length} bytes`} should fail with ${code} ${detail}`,
  );
}

test('reads a real file and writes it back byte for byte', () => {
  const phf = parse(real);
  assert.equal(phf.contentLength, 244530);
  assert.equal(phf.pieceSize, 1048576);
  assert.equal(phf.digests.length, 32);
  assert.equal(phf.hashOfHashes, 'bLR+YkW147Gf10YSrQ6lgW3AC9E1aDesK3TaSr0DHJA=');
  assert.equal(formatPiecesHashFile(phf), real);
});

test('reads any spelling that is the same JSON', () => {
  const phf = parse(real);
  const value = JSON.parse(real) as Record<string, unknown>;
  const reversed = Object.fromEntries(Object.entries(value).reverse());
  const spellings = [
    JSON.stringify(value, null, 2),
    JSON.stringify(reversed),
    `\u{feff}${real}\r\n`,
    real.replaceAll('/', '\\/'),
    real.replaceAll('+', '\\u002B'),
    changed('"Pieces"', '"\\u0050ieces"'),
  ];
  for (const text of spellings) assert.deepEqual(parse(text), phf, text);
});

test('parse(format(x)) = x for any content', () => {
  const length = fc.nat(200_000);
  fc.assert(
    fc.property(length, fc.integer({ min: 16384, max: 70_000 }), (contentLength, pieceSize) => {
      const hasher = new PiecesHasher({ pieceSize });
      hasher.update(Buffer.alloc(contentLength, pieceSize));
      const phf = hasher.finish();
      assert.deepEqual(parse(formatPiecesHashFile(phf)), phf);
    }),
    { numRuns: 50 },
  );
});

test('refuses what is no PHF at all', () => {
  refuses('', /expected '\{' \(at byte 0\)/);
  refuses('null', /expected '\{'/);
  refuses('[]', /expected '\{'/);
  refuses('{}', /MajorVersion is missing/);
  refuses('<html>sign in here</html>', /expected '\{'/);
  refuses(`${real}x`, /nothing more/);
  refuses(`${real}${real}`, /nothing more/);
  refuses(`{${real.slice(1, -1)},}`, /key is not a string/);
  refuses(real.slice(0, -1), /expected '\}'/);
  refuses(Buffer.from(real, 'utf16le'), /key|expected/);
  refuses('['.repeat(100_000), /expected '\{'/);
});

test('refuses keys missing, twice or unknown', () => {
  for (const key of Object.keys(JSON.parse(real) as object)) {
    const value = JSON.parse(real) as Record<string, unknown>;
    delete value[key];
    refuses(JSON.stringify(value), new RegExp(`${key} is missing`));
    const twice = changed(/^\{/, `{"${key}":${JSON.stringify(JSON.parse(real)[key])},`);
    refuses(twice, new RegExp(`${key} is there twice`));
  }
  for (const key of ['Extra', '__proto__', 'constructor', 'majorVersion', '', '\\"']) {
    refuses(changed(/^\{/, `{"${key}":1,`), /unknown key/);
  }
  refuses(changed('"PieceSize"', `"${'k'.repeat(300)}"`), /key has no end or is too long/);
  refuses(changed('"PieceSize"', '"Piece\nSize"'), /key is not a string/);
  refuses(changed('"PieceSize":', '"PieceSize" '), /expected ':'/);
});

test('refuses other versions, by name', () => {
  refuses(changed('"MajorVersion":1', '"MajorVersion":2'), /MajorVersion 2/, 'PhfVersion');
  refuses(changed('"MinorVersion":0', '"MinorVersion":1'), /MinorVersion 1/, 'PhfVersion');
  refuses(changed('"MajorVersion":1', '"MajorVersion":"1"'), /MajorVersion is not a whole number/);
});

test('refuses lengths that are no whole numbers in range', () => {
  const bad = ['-1', '-0', '1.5', '244530.0', '2e5', '01', '+1', 'NaN', 'Infinity', 'null'];
  const worse = ['true', '"244530"', '[]', '{}', '9007199254740992', '9'.repeat(400), '1e400', ''];
  for (const value of [...bad, ...worse]) {
    const length = changed(':244530', `:${value}`);
    refuses(length, /ContentLength is not a whole number from 0 to 2\^53 - 1/);
    refuses(changed(':1048576', `:${value}`), /PieceSize is not a whole number/);
  }
  refuses(changed(':244530', ':0x10'), /expected '\}'/);
  for (const size of [0, 1, 16383, 67108865, 4294967296]) {
    refuses(changed(':1048576', `:${size}`), /PieceSize is not from 16384 to 67108864/);
  }
});

test('refuses digests that are not the base64 of 32 bytes', () => {
  const spoilt = [
    '""',
    '"J/rm"',
    `"${Buffer.alloc(31).toString('base64')}"`,
    `"${Buffer.alloc(33).toString('base64')}"`,
    digest.replace('=', ''),
    digest.replace('=', 'A'),
    digest.replace('0=', '1='), // spare bits set: a second spelling of the same digest
    digest.replace('J/', 'J_'),
    digest.replace('J/', 'J '),
    digest.replace('J/', 'Jé'),
    digest.replace('J/', 'J\\u012f'), // its low byte is '/'
    digest.replace('J/', '\\uD800/'),
  ];
  for (const text of spoilt) {
    refuses(changed(digest, text), /Pieces\[0\] is not the base64 of 32 bytes/);
  }
  refuses(changed(/"bLR[^"]+"/, '"bLR+"'), /HashOfHashes is not the base64 of 32 bytes/);
  refuses(changed(digest, `"${'A'.repeat(1000)}"`), /Pieces\[0\] has no end or is too long/);
  refuses(changed(digest, digest.slice(0, -1)), /Pieces\[0\] has no end or is too long|not a/);
  for (const junk of ['1', 'null', '[]', `[${digest}]`, '{}', `${digest},`, `,${digest}`]) {
    refuses(changed(digest, junk), /Pieces\[[01]\] is not a string/);
  }
  refuses(changed(digest, `${digest} ${digest}`), /expected '\]'/);
  for (const junk of ['{"0":1}', 'null', digest, '7']) {
    refuses(changed(/\[.*\]/, junk), /expected '\['/);
  }
});

test('refuses a count of pieces that does not fit the length', () => {
  refuses(changed(digest, ''), /0 pieces, but 244530 bytes in pieces of 1048576 are 1/);
  refuses(changed(digest, `${digest},${digest}`), /2 pieces, but/);
  refuses(changed(':244530', ':0'), /1 pieces, but 0 bytes/);
  refuses(changed(':244530', ':1048577'), /1 pieces, but .* are 2/);
  refuses(changed(':244530', ':9007199254740991'), /1 pieces, but .* are 8589934592/);
});

test('refuses too many bytes and too many pieces', () => {
  refuses(new Uint8Array(maxPhfBytes + 1), /67108865 bytes, the limit is/, 'PhfTooLarge');
  const three = changed(digest, `${digest},${digest},${digest}`).replace(':244530', ':3000000');
  assert.equal(parse(three).digests.length, 96);
  assert.throws(
    () => parsePiecesHashFile(Buffer.from(three), { maxPieces: 2 }),
    (e) => isSluiceError(e, 'PhfTooLarge') && /more than 2 pieces/.test(e.message),
  );
});

test('the largest hostile file costs no more memory than its own size', () => {
  const file = Buffer.alloc(maxPhfBytes, ' ');
  file.write('{"Pieces":[');
  const before = process.memoryUsage().arrayBuffers;
  refuses(file, /Pieces\[0\] is not a string/);
  assert.ok(process.memoryUsage().arrayBuffers - before <= maxPhfBytes);
});

test('random bytes and damaged files throw an error of the catalogue or parse', () => {
  const onlyOurErrors = (bytes: Uint8Array) => {
    try {
      parsePiecesHashFile(bytes);
    } catch (e) {
      assert.ok(isSluiceError(e), String(e));
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), onlyOurErrors));
  fc.assert(fc.property(fc.json(), (text) => onlyOurErrors(Buffer.from(text))));
  const damage = fc.array(fc.tuple(fc.nat(real.length), fc.nat(3), fc.string({ maxLength: 3 })));
  fc.assert(
    fc.property(damage, (edits) => {
      let text = real;
      for (const [at, drop, put] of edits) text = text.slice(0, at) + put + text.slice(at + drop);
      onlyOurErrors(Buffer.from(text));
    }),
    { numRuns: 1000 },
  );
});
