import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type Clock,
  decodeChallenge,
  decodeProof,
  ExtensionId,
  encodeChallenge,
  encodeMessage,
  encodeProof,
  maxPeerKeys,
  type PeerId,
  type ProofFacts,
  proofStatement,
  sluiceError,
} from '@sluice/protocol';
import type { PeerMembership } from '../identity/peer-membership.ts';
import { ExtensionReader } from './extension-reader.ts';
import type { SwarmSocket } from './swarm-socket.ts';

/** For both messages of the other side, ms. */
const timeoutMs = 5_000;

export interface ProofExchange {
  socket: SwarmSocket;
  /** What came behind the peer's handshake. */
  rest: Uint8Array;
  /** Our handshake, where it has not gone out. */
  handshake: Uint8Array | undefined;
  membership: PeerMembership;
  self: PeerId;
  peer: PeerId;
  swarmHash: Uint8Array;
  /** Of this swarm; undefined: the peer need not prove one. */
  groupId: string | undefined;
  clock: Clock;
}

export interface Proven {
  /** By which key. */
  keyId: string;
  /** Whether it has our group id, too. */
  inGroup: boolean;
  /** What came behind its proof. */
  rest: Uint8Array;
}

/**
 * Has each side prove to the other that it has a key of the tenant, first thing after the handshakes. Nothing of
 * the content goes over the connection before.
 * @throws PeerUnproven, InvalidMessage, PeerLost; the socket is for the caller to destroy.
 */
export async function exchangeProof(exchange: ProofExchange): Promise<Proven> {
  const { socket, membership, clock, self, peer, swarmHash } = exchange;
  const unproven = (detail: string) =>
    sluiceError('PeerUnproven', { peer: socket.remoteAddress, detail });
  const keys = membership.keys.slice(0, maxPeerKeys);
  if (keys.length === 0) throw unproven('this device has no key of its cloud yet');
  const reader = new ExtensionReader(socket, exchange.rest);
  const cancel = clock.setTimer(timeoutMs, () => socket.destroy(unproven('it was silent')));
  try {
    const ours = { nonce: randomBytes(32), keyIds: keys.map(({ id }) => id) };
    const { handshake } = exchange;
    const asked = extension(ExtensionId.challenge, encodeChallenge(ours));
    socket.write(handshake ? [handshake, asked] : [asked]);
    const challenge = await reader.next(ExtensionId.challenge);
    if (!challenge) throw unproven('it does not ask for a proof: it is not enrolled');
    const theirs = decodeChallenge(challenge);
    const common = keys.find(({ id }) => theirs.keyIds.includes(id));
    if (!common) {
      membership.suspectOld();
      throw unproven('it is of another tenant, or its keys are older or newer');
    }
    const facts = { swarmHash, prover: self, verifier: peer };
    const mine = { ...facts, proverNonce: ours.nonce, verifierNonce: theirs.nonce };
    const groupId = exchange.groupId?.toLowerCase();
    const proof = { keyId: common.id, ...macs(common.key, groupId, mine) };
    socket.write([extension(ExtensionId.proof, encodeProof(proof))]);

    const answer = await reader.next(ExtensionId.proof);
    if (!answer) throw unproven('it gives no proof');
    const given = decodeProof(answer);
    const key = keys.find(({ id }) => id === given.keyId);
    if (!key) throw unproven('its key is not known');
    const swapped = { swarmHash, prover: peer, verifier: self };
    const right = { ...swapped, proverNonce: theirs.nonce, verifierNonce: ours.nonce };
    const expected = macs(key.key, groupId, right);
    if (!timingSafeEqual(given.tenant, expected.tenant)) throw unproven('its proof is wrong');
    const { group } = given;
    const inGroup = !!group && !!expected.group && timingSafeEqual(group, expected.group);
    return { keyId: key.id, inGroup, rest: reader.rest };
  } finally {
    cancel();
  }
}

function macs(key: Uint8Array, groupId: string | undefined, facts: ProofFacts) {
  const tenant = hmac(key, proofStatement('tenant', facts));
  if (groupId === undefined) return { tenant, group: undefined };
  const groupKey = hmac(key, Buffer.from(`sluice group key 1\n${groupId}`, 'utf8'));
  return { tenant, group: hmac(groupKey, proofStatement('group', facts)) };
}

function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function extension(id: number, body: Uint8Array): Uint8Array {
  return encodeMessage({ type: 'extension', id, body });
}
