import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeChallenge, encodeChallenge } from './challenge.ts';
import { decodeProof, encodeProof, type ProofFacts, proofStatement } from './proof.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const keyId = bytes(8).map((b) => Buffer.from(b).toString('hex'));
const invalid = { code: 'InvalidMessage' };

test('property: challenges and proofs come out as they went in', () => {
  const challenge = fc.record({ nonce: bytes(32), keyIds: fc.array(keyId, { maxLength: 4 }) });
  fc.assert(
    fc.property(challenge, (c) => {
      const { nonce, keyIds } = decodeChallenge(encodeChallenge(c));
      assert.deepEqual([[...nonce], keyIds], [[...c.nonce], c.keyIds]);
    }),
  );
  const group = fc.option(bytes(32), { nil: undefined });
  fc.assert(
    fc.property(fc.record({ keyId, tenant: bytes(32), group }), (p) => {
      const read = decodeProof(encodeProof(p));
      assert.equal(read.keyId, p.keyId);
      assert.deepEqual([...read.tenant], [...p.tenant]);
      assert.deepEqual(read.group && [...read.group], p.group && [...p.group]);
    }),
  );
});

test('property: whatever else comes is refused, and nothing is read beyond it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
      const isChallenge = body[0] === 1 && body[33]! <= 4 && body.length === 34 + 8 * body[33]!;
      if (!isChallenge) assert.throws(() => decodeChallenge(body), invalid);
      const isProof = body.length === 40 || body.length === 72;
      if (!isProof) assert.throws(() => decodeProof(body), invalid);
    }),
  );
  for (const length of [0, 1, 33, 34]) {
    assert.throws(() => decodeChallenge(new Uint8Array(length).fill(1)), invalid);
  }
});

test('a statement is of one kind, one pair of devices and nonces, one way round', () => {
  const at = (n: number) => new Uint8Array(32).fill(n);
  const facts: ProofFacts = {
    swarmHash: at(1),
    prover: 'a'.repeat(40),
    verifier: 'b'.repeat(40),
    proverNonce: at(2),
    verifierNonce: at(3),
  };
  const { prover, verifier, proverNonce, verifierNonce } = facts;
  const others: ProofFacts[] = [
    { ...facts, swarmHash: at(4) },
    { ...facts, prover: verifier, verifier: prover },
    { ...facts, proverNonce: verifierNonce, verifierNonce: proverNonce },
    { ...facts, verifierNonce: at(4) },
  ];
  const all = [proofStatement('group', facts), ...others.map((f) => proofStatement('tenant', f))];
  const texts = [proofStatement('tenant', facts), ...all].map((s) =>
    Buffer.from(s).toString('hex'),
  );
  assert.equal(new Set(texts).size, texts.length);
});
