import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodePhfData,
  ExtensionId,
  encodePhfRequest,
  isSluiceError,
  type SwarmMessage,
} from '@sluice/protocol';
import type { Member } from './member.ts';
import { bareMember, extension, uploadsWith } from './testing/bare-member.ts';

describe('Member: the hash list', () => {
  const phf = new Uint8Array(1_200_000).map((_, i) => i % 251);
  const ask = (member: Member, offset: number) =>
    member.onMessage(extension(ExtensionId.phfRequest, encodePhfRequest({ offset })));
  const dataIn = (message: SwarmMessage | undefined) => {
    assert.ok(message?.type === 'extension' && message.id === ExtensionId.phfData);
    return decodePhfData(message.body);
  };

  it('is given in parts, to whoever asks', () => {
    const { member, sent, pending } = bareMember();
    ask(member, 0);
    assert.deepEqual(sent, [], 'not known yet');
    member.setContent(10, phf, uploadsWith([]));
    const got: Uint8Array[] = [];
    for (let offset = 0; offset < phf.length; ) {
      ask(member, offset);
      const data = dataIn(sent.at(-1));
      assert.deepEqual([data.total, data.offset], [phf.length, offset]);
      got.push(data.bytes);
      offset += data.bytes.length;
      pending.shift()!(true);
    }
    assert.ok(Buffer.concat(got).equals(phf));
    const before = sent.length;
    ask(member, phf.length);
    assert.equal(sent.length, before);
  });

  it('is sent once at a time to a peer that asks and does not read', () => {
    const { member, sent, pending } = bareMember();
    member.setContent(10, phf, uploadsWith([]));
    for (let i = 0; i < 10_000; i++) ask(member, i);
    assert.equal(sent.length, 1);
    pending.shift()!(true);
    assert.equal(sent.length, 2);
    assert.equal(dataIn(sent[1]).offset, 9_999, 'the last wish');
    pending.shift()!(false);
    assert.equal(sent.length, 2);
  });

  it('is given four times over one connection, then it is enough', () => {
    const { member, sent, pending, state } = bareMember();
    member.setContent(10, phf, uploadsWith([]));
    let given = 0;
    while (state.dropped === undefined) {
      ask(member, 0);
      const data = sent.length > given ? dataIn(sent.at(-1)) : undefined;
      given = sent.length;
      pending.shift()?.(true);
      assert.ok(data || state.dropped);
    }
    assert.ok(isSluiceError(state.dropped, 'InvalidMessage'));
    assert.equal(given, Math.floor((4 * phf.length) / 524_288));
  });
});
