import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import type { KeySet } from '../services/key-set.ts';
import {
  keyIdOf,
  keySetFault,
  newestKeySet,
  nextKeySet,
  publicKeyText,
  signatureFault,
  signHashList,
} from './index.ts';

/** From a seed: the first vector of RFC 8032 §7.1 for `9d61…`. */
function keyOf(seed: string) {
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
  const privateKey = createPrivateKey({ key: der, type: 'pkcs8', format: 'der' });
  const publicKey = createPublicKey(privateKey);
  const PublicKey = publicKeyText(publicKey);
  return {
    privateKey,
    publicKey,
    entry: { KeyId: keyIdOf(PublicKey), PublicKey, IsRevoked: false },
  };
}

const a = keyOf('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const b = keyOf('ab'.repeat(32));
const root: KeySet = { Version: 1, Keys: [a.entry] };
const content = {
  ...{ ContentId: 'id', HashOfHashes: `${'A'.repeat(43)}=`, ContentLength: 5, PieceSize: 4 },
  ...{ NotBefore: 100, NotAfter: 200 },
};

test('a signature vouches for exactly what was signed, by a key of the set, in its time', () => {
  assert.equal(
    Buffer.from(a.entry.PublicKey, 'base64').toString('hex'),
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  );
  const Signature = signHashList(content, a.privateKey, a.publicKey);
  // What was signed stays valid over versions: the form must not change.
  assert.equal(
    Signature.Signature,
    's3Eg9SlK78qwyBFAxobrZcktjGqYB0aTeXtEdUrCRoKBUIReO95ouNpCalSplY8bVDkAmQM8v7XPRFKvcSdSBQ==',
  );
  const named = { ContentId: 'id', HashOfHashes: content.HashOfHashes, Signature };
  for (const [now, fault] of [
    [99, /not valid yet/],
    [201, /is over/],
  ] as const) {
    assert.match(signatureFault(named, root, now)!, fault);
  }
  assert.equal(signatureFault(named, root, 100), undefined);
  assert.equal(signatureFault(named, root, 200), undefined);
  for (const change of [
    { ContentId: 'other' },
    { HashOfHashes: `${'B'.repeat(43)}=` },
    { Signature: { ...Signature, ContentLength: 6 } },
    { Signature: { ...Signature, PieceSize: 5 } },
    { Signature: { ...Signature, NotAfter: 1_000 } },
    { Signature: { ...Signature, Signature: `${'A'.repeat(86)}==` } },
  ]) {
    assert.match(signatureFault({ ...named, ...change }, root, 150)!, /wrong/);
  }
  assert.match(signatureFault({ ...named, Signature: undefined }, root, 150)!, /not signed/);
  assert.match(signatureFault(named, { Version: 1, Keys: [b.entry] }, 150)!, /not trusted/);
  const revoked = { Version: 1, Keys: [{ ...a.entry, IsRevoked: true }] };
  assert.match(signatureFault(named, revoked, 150)!, /revoked/);
});

test('a set of keys follows only when a key of the set before, not revoked, says so', () => {
  const both = nextKeySet(root, [a.entry, b.entry], a.privateKey, a.publicKey);
  const onlyB = nextKeySet(
    both,
    [{ ...a.entry, IsRevoked: true }, b.entry],
    b.privateKey,
    b.publicKey,
  );
  assert.equal(newestKeySet(root, [root, both, onlyB]), onlyB);
  assert.equal(newestKeySet(both, [root, both, onlyB]), onlyB);
  assert.equal(newestKeySet(root, [onlyB]), root, 'a step is missing');
  const byStranger = nextKeySet(root, [b.entry], b.privateKey, b.publicKey);
  const byRevoked = nextKeySet(onlyB, [a.entry], a.privateKey, a.publicKey);
  const changed = { ...both, Keys: [b.entry] };
  const misnamed = nextKeySet(
    root,
    [{ ...b.entry, KeyId: a.entry.KeyId }],
    a.privateKey,
    a.publicKey,
  );
  assert.match(keySetFault(root, byStranger)!, /not signed/);
  assert.match(keySetFault(onlyB, byRevoked)!, /not signed/);
  assert.match(keySetFault(root, changed)!, /wrong/);
  assert.match(keySetFault(root, misnamed)!, /another id/);
  assert.equal(newestKeySet(root, [byStranger, both]), root);
});
