import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type Advert,
  type ContentKey,
  decodeAdvert,
  encodeAdvertTxt,
  offerToken,
  recogniseOffer,
} from './index.ts';

const peerId = '12'.repeat(20);
const salt = new Uint8Array(16).fill(9);
const groupId = '01234567-89ab-cdef-0123-456789ABCDEF';
const key = (n: number, group?: string): ContentKey => ({
  hashOfHashes: new Uint8Array(32).fill(n),
  groupId: group,
});
const offering = (content: ContentKey, complete = false): Advert => ({
  peerId,
  port: 7680,
  salt,
  tokens: [new Uint8Array(16), offerToken(content, { peerId, salt, complete })],
});
const txtOf = (strings: string[]) => strings.map((s) => Buffer.from(s));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('an offer on the local network', () => {
  it('is recognised by who has the HashOfHashes, with what the device has of it', () => {
    assert.equal(recogniseOffer(offering(key(1), true), key(1)), 'complete');
    assert.equal(recogniseOffer(offering(key(1), false), key(1)), 'partial');
    assert.equal(recogniseOffer(offering(key(1)), key(2)), undefined);
  });

  it('of a group is recognised in that group only, however its id is written', () => {
    const offer = offering(key(1, groupId));
    assert.equal(recogniseOffer(offer, key(1, groupId.toLowerCase())), 'partial');
    assert.equal(recogniseOffer(offer, key(1)), undefined);
    assert.equal(recogniseOffer(offer, key(1, groupId.replace('0', '1'))), undefined);
    assert.equal(recogniseOffer(offering(key(1)), key(1, groupId)), undefined);
  });

  it('is another one under another salt or name', () => {
    const offer = offering(key(1));
    assert.equal(recogniseOffer({ ...offer, salt: new Uint8Array(16) }, key(1)), undefined);
    assert.equal(recogniseOffer({ ...offer, peerId: '13'.repeat(20) }, key(1)), undefined);
  });

  it('says neither the HashOfHashes nor any part of it', () => {
    fc.assert(
      fc.property(bytes(32), bytes(16), (hashOfHashes, salt) => {
        const token = offerToken(
          { hashOfHashes, groupId: undefined },
          { peerId, salt, complete: true },
        );
        const said = Buffer.from(encodeAdvertTxt({ salt, tokens: [token] }).join());
        for (let at = 0; at + 8 <= 32; at++) {
          const part = Buffer.from(hashOfHashes.subarray(at, at + 8));
          if (new Set(part).size < 4) continue;
          assert.equal(Buffer.from(token).includes(part), false);
          assert.equal(said.includes(part), false);
        }
      }),
    );
  });

  it('is the token of this version: agents of different builds must agree', () => {
    const token = offerToken(key(7), { peerId, salt, complete: true });
    assert.equal(Buffer.from(token).toString('hex'), 'b833320c0b1502ebe4afba189a477218');
  });
});

describe('an advert', () => {
  it('comes out as it went in', () => {
    const some = fc.array(bytes(16), { maxLength: 4 });
    fc.assert(
      fc.property(bytes(16), some, fc.integer({ min: 1, max: 65535 }), (salt, tokens, port) => {
        const txt = encodeAdvertTxt({ salt, tokens });
        assert.deepEqual(decodeAdvert(peerId, port, txtOf(txt)), { peerId, port, salt, tokens });
        assert.ok(txt.every((string) => Buffer.byteLength(string) <= 255));
      }),
    );
  });

  it('may say more than we know, in either case', () => {
    const [, s, c] = encodeAdvertTxt({ salt, tokens: [] });
    const txt = txtOf(['V=2', s!.replace('s=', 'S='), 'new', c!, 's=later']);
    assert.deepEqual(decodeAdvert(peerId.toUpperCase(), 1, txt)?.salt, salt);
  });

  const good = encodeAdvertTxt({ salt, tokens: [new Uint8Array(16)] });
  const wrong: [name: string, instance: string, port: number, txt: string[]][] = [
    ['a name that is no peer id', 'Living Room', 7680, good],
    ['no port', peerId, 0, good],
    ['no version', peerId, 7680, good.slice(1)],
    ['no salt', peerId, 7680, ['v=1', 'c=']],
    ['a short salt', peerId, 7680, ['v=1', 's=AAAA', 'c=']],
    ['half a token', peerId, 7680, [good[0]!, good[1]!, 'c=AAAAAAAAAAA']],
    ['no tokens at all', peerId, 7680, good.slice(0, 2)],
    ['five tokens', peerId, 7680, [good[0]!, good[1]!, `c=${'A'.repeat(107)}`]],
    ['other characters', peerId, 7680, [good[0]!, good[1]!, 'c=????']],
    ['nothing', peerId, 7680, []],
  ];
  for (const [name, instance, port, txt] of wrong) {
    it(`with ${name} is none`, () => {
      assert.equal(decodeAdvert(instance, port, txtOf(txt)), undefined);
    });
  }

  it('of any bytes at all is read or not, and never throws', () => {
    const txt = fc.array(fc.uint8Array({ maxLength: 255 }), { maxLength: 20 });
    fc.assert(
      fc.property(txt, (strings) => {
        decodeAdvert(peerId, 7680, strings);
      }),
    );
  });

  it('that cannot be is not written', () => {
    const token = new Uint8Array(16);
    assert.throws(() => encodeAdvertTxt({ salt: token.subarray(1), tokens: [] }), RangeError);
    assert.throws(() => encodeAdvertTxt({ salt, tokens: Array(5).fill(token) }), RangeError);
    assert.throws(() => encodeAdvertTxt({ salt, tokens: [token.subarray(1)] }), RangeError);
  });
});
