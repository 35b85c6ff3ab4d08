import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSluiceError } from '../errors/index.ts';
import { decodeHello, encodeHello, maxHandicap } from './hello.ts';

const invalid = (e: unknown) => isSluiceError(e, 'InvalidMessage');
const decode = (text: string) => decodeHello(Buffer.from(text));

test('writes the JSON both ends agreed on', () => {
  const bytes = encodeHello({
    features: ['claim', 'phf', 'pex'],
    mayUseHttp: true,
    listenPort: 7680,
  });
  assert.equal(
    Buffer.from(bytes).toString(),
    '{"v":1,"features":["claim","phf","pex"],"mayUseHttp":true,"listenPort":7680}',
  );
});

test('decode(encode(x)) = x, the longest too', () => {
  const hello = fc.record(
    {
      features: fc.array(fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,31}$/), { maxLength: 32 }),
      mayUseHttp: fc.boolean(),
      listenPort: fc.nat(65535),
      handicap: fc.nat(maxHandicap),
      knownAs: fc.constantFrom('Group' as const, 'Internet' as const),
    },
    { noNullPrototype: true, requiredKeys: ['features', 'mayUseHttp', 'listenPort'] },
  );
  fc.assert(fc.property(hello, (h) => assert.deepEqual(decodeHello(encodeHello(h)), h)));
  const longest = {
    features: Array(32).fill('f'.repeat(32)),
    mayUseHttp: false,
    listenPort: 65535,
  };
  assert.deepEqual(decodeHello(encodeHello(longest)), longest);
});

test('later versions and keys pass', () => {
  const text = '{"v":2,"features":["new"],"mayUseHttp":false,"listenPort":0,"site":{"proof":"x"}}';
  assert.deepEqual(decode(text), { features: ['new'], mayUseHttp: false, listenPort: 0 });
});

test('reads from shared memory', () => {
  const hello = { features: ['phf'], mayUseHttp: true, listenPort: 1 };
  const bytes = encodeHello(hello);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  assert.deepEqual(decodeHello(shared), hello);
});

test('refuses malformed hellos', () => {
  const good = { v: 1, features: ['claim'], mayUseHttp: true, listenPort: 7680 };
  const changes: object[] = [
    { v: 0 },
    { v: '1' },
    { v: 1.5 },
    { v: undefined },
    { features: 'claim' },
    { features: [1] },
    { features: [''] },
    { features: ['a\nb'] },
    { features: ['é'] },
    { features: ['f'.repeat(33)] },
    { features: Array(33).fill('f') },
    { features: undefined },
    { mayUseHttp: 1 },
    { mayUseHttp: undefined },
    { listenPort: -1 },
    { listenPort: 65536 },
    { listenPort: 1.5 },
    { listenPort: '7680' },
    { listenPort: null },
    { handicap: -1 },
    { handicap: 5 },
    { handicap: 0.5 },
    { handicap: '1' },
    { handicap: null },
    { knownAs: 'LAN' },
    { knownAs: null },
  ];
  for (const change of changes) {
    assert.throws(() => decode(JSON.stringify({ ...good, ...change })), invalid);
  }
  for (const text of ['', '{', 'null', '1', '[]', '"x"', '[['.repeat(1000), '{"v":1}']) {
    assert.throws(() => decode(text), invalid, text);
  }
  assert.throws(() => decode(JSON.stringify({ ...good, pad: 'x'.repeat(4096) })), invalid);
  assert.throws(() => encodeHello({ ...good, listenPort: 65536 }), invalid);
});

test('random input throws InvalidMessage or nothing', () => {
  const keys = fc.constantFrom('v', 'features', 'mayUseHttp', 'listenPort', '__proto__');
  const values = fc.oneof(fc.jsonValue(), fc.nat(70000), fc.array(fc.string()));
  const texts = fc.oneof(
    fc.string(),
    fc.dictionary(keys, values).map((v) => JSON.stringify(v)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        decode(text);
      } catch (e) {
        assert.ok(invalid(e), String(e));
      }
    }),
    { numRuns: 500 },
  );
});
