import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeClaim,
  decodeHello,
  ExtensionId,
  encodeClaim,
  encodeHello,
  encodePhfData,
  type Hello,
  isSluiceError,
  PieceMap,
  type SwarmMessage,
} from '@sluice/protocol';
import { bareMember, extension, uploadsWith } from './testing/bare-member.ts';

const hello: Hello = { features: ['claim', 'phf'], mayUseHttp: true, listenPort: 7680 };
const invalid = (e: unknown) => isSluiceError(e, 'InvalidMessage');

const map = (length: number, ...pieces: number[]) => {
  const made = new PieceMap(length);
  for (const piece of pieces) made.set(piece);
  return made;
};

describe('Member: what the peer has', () => {
  it('is told piece by piece', () => {
    const { member, events } = bareMember();
    member.setContent(10, new Uint8Array(1), uploadsWith([]));
    member.onMessage({ type: 'bitfield', bits: map(10, 1, 9).toBitfield() });
    member.onMessage({ type: 'have', piece: 4 });
    member.onMessage({ type: 'have', piece: 4 });
    member.onMessage({ type: 'bitfield', bits: map(10, 1, 2).toBitfield() });
    assert.deepEqual(events, [
      ['has', 1],
      ['has', 9],
      ['has', 4],
      ['has', 2],
    ]);
    assert.equal(member.has.count, 4);
    assert.equal(member.isSeed, false);
  });

  it('may be told before the number of pieces is known', () => {
    const { member, events } = bareMember();
    assert.equal(member.has.length, 0);
    member.onMessage({ type: 'have', piece: 3 });
    member.onMessage({ type: 'bitfield', bits: map(10, 1).toBitfield() });
    for (let i = 0; i < 300_000; i++) member.onMessage({ type: 'have', piece: 9 });
    assert.equal(member.isSeed, false);
    member.setContent(10, new Uint8Array(1), uploadsWith([]));
    assert.deepEqual(events, []);
    assert.ok([1, 3, 9].every((piece) => member.has.has(piece)));
    assert.equal(member.has.count, 3);
  });

  it('is refused when it cannot be', () => {
    const { member } = bareMember();
    assert.throws(() => member.onMessage({ type: 'have', piece: 1_048_576 }), invalid);
    assert.throws(
      () => member.onMessage({ type: 'bitfield', bits: new Uint8Array(131_073) }),
      invalid,
    );
    member.setContent(10, new Uint8Array(1), uploadsWith([]));
    const wrong: SwarmMessage[] = [
      { type: 'have', piece: 10 },
      { type: 'have', piece: 0xffff_ffff },
      { type: 'bitfield', bits: new Uint8Array(1) },
      { type: 'bitfield', bits: new Uint8Array(3) },
      { type: 'bitfield', bits: Uint8Array.of(0xff, 0xff) },
    ];
    for (const message of wrong) assert.throws(() => member.onMessage(message), invalid);
    assert.equal(member.has.count, 0);
  });

  it('is refused afterwards when it does not fit the content', () => {
    for (const message of [
      { type: 'have', piece: 10 },
      { type: 'bitfield', bits: new Uint8Array(3) },
    ] as const) {
      const { member } = bareMember();
      member.onMessage(message);
      assert.throws(() => member.setContent(10, new Uint8Array(1), uploadsWith([])), invalid);
    }
  });

  it('makes it a seed when it is everything', () => {
    const { member } = bareMember();
    member.setContent(3, new Uint8Array(1), uploadsWith([]));
    member.onMessage({ type: 'bitfield', bits: map(3, 0, 1).toBitfield() });
    assert.equal(member.isSeed, false);
    member.onMessage({ type: 'have', piece: 2 });
    assert.equal(member.isSeed, true);
  });
});

describe('Member: requests', () => {
  it('are served only while the peer is unchoked; cancels always count', () => {
    const { member } = bareMember();
    const calls: string[] = [];
    const request = { type: 'request', piece: 1, offset: 0, length: 9 } as const;
    member.onMessage(request);
    member.setContent(10, new Uint8Array(1), uploadsWith(calls));
    member.onMessage(request);
    member.served = true;
    member.onMessage(request);
    member.onMessage({ ...request, type: 'cancel' });
    member.served = false;
    member.onMessage(request);
    member.onMessage({ ...request, type: 'cancel' });
    assert.deepEqual(calls, ['request 1', 'cancel 1', 'cancel 1']);
  });

  it('tells choke and interest', () => {
    const { member, events } = bareMember();
    assert.equal(member.choked, true);
    member.onMessage({ type: 'unchoke' });
    assert.equal(member.choked, false);
    for (const type of ['choke', 'interested', 'notInterested', 'keepAlive'] as const) {
      member.onMessage({ type });
    }
    assert.deepEqual(events, [
      ['choked', false],
      ['choked', true],
      ['interested', true],
      ['interested', false],
    ]);
  });
});

describe('Member: acquaintance', () => {
  it('is made when each has answered the other', () => {
    const { member, sent } = bareMember();
    member.sayHello(hello);
    const [said] = sent;
    assert.ok(said?.type === 'extension' && said.id === ExtensionId.hello);
    assert.deepEqual(decodeHello(said.body), hello);
    assert.equal(member.acquainted, false);
    member.onMessage(extension(ExtensionId.hello, encodeHello(hello)));
    assert.equal(member.acquainted, false);
    member.onMessage(extension(ExtensionId.claim, encodeClaim({ rate: 0, runs: [] })));
    assert.equal(member.acquainted, true);
    member.sayHello({ ...hello, mayUseHttp: false });
    assert.equal(member.acquainted, false, 'a second hello wants an answer too');
    member.onMessage(extension(ExtensionId.claim, encodeClaim({ rate: 0, runs: [] })));
    assert.equal(member.acquainted, true);
  });

  it('may say hello again now and then, not all the time: each may move the work of a whole content', () => {
    const { member, clock } = bareMember();
    const say = (k: number) =>
      member.onMessage(extension(ExtensionId.hello, encodeHello({ ...hello, handicap: k % 2 })));
    for (let k = 0; k < 60; k++) say(k);
    assert.throws(() => say(60), invalid);
    for (let k = 0; k < 1_000; k++) {
      clock.advance(1_000);
      say(k);
    }
    assert.throws(() => say(0), invalid);
  });

  it('does not wait for the answer of a peer that knows no claims', () => {
    const { member } = bareMember();
    member.sayHello(hello);
    member.onMessage(extension(ExtensionId.hello, encodeHello({ ...hello, features: ['phf'] })));
    assert.equal(member.acquainted, true);
  });

  it('answers with an empty claim', () => {
    const { member, sent } = bareMember();
    member.answerHello();
    const [said] = sent;
    assert.ok(said?.type === 'extension' && said.id === ExtensionId.claim);
    assert.deepEqual(decodeClaim(said.body), { rate: 0, runs: [] });
  });
});

describe('Member: extensions', () => {
  it('tells claims and releases, once the content is known', () => {
    const { member, events } = bareMember();
    const claim = encodeClaim({ rate: 2_048, runs: [{ first: 1, count: 2 }] });
    member.onMessage(extension(ExtensionId.claim, claim));
    member.setContent(10, new Uint8Array(1), uploadsWith([]));
    member.onMessage(extension(ExtensionId.claim, claim));
    member.onMessage(extension(ExtensionId.release, claim));
    const runs = [{ first: 1, count: 2 }];
    assert.deepEqual(events, [
      ['claimed', runs, 2_048],
      ['released', runs],
    ]);
    const beyond = encodeClaim({ rate: 0, runs: [{ first: 9, count: 2 }] });
    assert.throws(() => member.onMessage(extension(ExtensionId.claim, beyond)), invalid);
  });

  it('ignores what it does not know, and refuses what it knows and cannot read', () => {
    const { member, events, sent } = bareMember();
    const junk = Uint8Array.of(1, 2, 3);
    for (const id of [6, 99, 255]) member.onMessage(extension(id, junk));
    assert.deepEqual([events, sent], [[], []]);
    const { hello: helloId, claim, release, phfRequest, phfData } = ExtensionId;
    for (const id of [helloId, claim, release, phfRequest, phfData]) {
      assert.throws(() => member.onMessage(extension(id, junk)), invalid);
      assert.throws(() => member.onMessage(extension(id, new Uint8Array(0))), invalid);
    }
  });

  it('passes on a piece of the hash list', () => {
    const { member, events } = bareMember();
    const data = { total: 10, offset: 2, bytes: new Uint8Array(4) };
    member.onMessage(extension(ExtensionId.phfData, encodePhfData(data)));
    assert.equal(events[0]?.[0], 'phf');
  });
});
