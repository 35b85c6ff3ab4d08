import { type PeerId, parsePeerId } from '../ids/index.ts';
import { invalid } from './wire.ts';

const keyIdLength = 8;
const macLength = 32;

/** What a member answers to a challenge. No id of tenant or group is in it, and no other connection can use it. */
export interface Proof {
  /** By which key it proves, one of the challenge: 16 hex digits. */
  keyId: string;
  /** HMAC-SHA-256 of the statement, that it belongs to the tenant. */
  tenant: Uint8Array;
  /** The same of its group; undefined: it has none here. */
  group: Uint8Array | undefined;
}

/** What a proof is of. */
export interface ProofFacts {
  swarmHash: Uint8Array;
  /** Who proves. */
  prover: PeerId;
  verifier: PeerId;
  proverNonce: Uint8Array;
  verifierNonce: Uint8Array;
}

export type MembershipKind = 'tenant' | 'group';

/** key id ‖ HMAC of the tenant [‖ HMAC of the group] */
export function encodeProof({ keyId, tenant, group }: Proof): Uint8Array {
  const id = Buffer.from(keyId, 'hex');
  if (id.length !== keyIdLength || tenant.length !== macLength) throw new RangeError('proof');
  if (group && group.length !== macLength) throw new RangeError('proof of the group');
  return Buffer.concat([id, tenant, ...(group ? [group] : [])]);
}

/** A copy. @throws InvalidMessage */
export function decodeProof(body: Uint8Array): Proof {
  const bytes = Buffer.from(body);
  const groupAt = keyIdLength + macLength;
  if (bytes.length !== groupAt && bytes.length !== groupAt + macLength) {
    throw invalid('malformed proof');
  }
  return {
    keyId: bytes.toString('hex', 0, keyIdLength),
    tenant: bytes.subarray(keyIdLength, groupAt),
    group: bytes.length > groupAt ? bytes.subarray(groupAt) : undefined,
  };
}

/**
 * What the HMAC goes over: who proves comes first, so that nobody can be answered with its own proof, and
 * both nonces are in it, so that none can be used again.
 */
export function proofStatement(kind: MembershipKind, facts: ProofFacts): Uint8Array {
  const { swarmHash, prover, verifier, proverNonce, verifierNonce } = facts;
  return Buffer.concat([
    Buffer.from(`sluice peer proof 1 ${kind}\n`, 'ascii'),
    swarmHash,
    Buffer.from(parsePeerId(prover) + parsePeerId(verifier), 'hex'),
    proverNonce,
    verifierNonce,
  ]);
}
