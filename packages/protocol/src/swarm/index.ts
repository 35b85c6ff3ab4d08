export { type Challenge, decodeChallenge, encodeChallenge, maxPeerKeys } from './challenge.ts';
export { type Claim, decodeClaim, encodeClaim, maxClaimRuns } from './claim.ts';
export { ExtensionId } from './extension-id.ts';
export { type FrameHandler, FrameReader } from './frame-reader.ts';
export { decodeHandshake, encodeHandshake, type Handshake, handshakeLength } from './handshake.ts';
export { decodeHello, type Elsewhere, encodeHello, type Hello, maxHandicap } from './hello.ts';
export { ipToBytes } from './ip-bytes.ts';
export { maxBlockLength, maxMessageLength, type SwarmMessage } from './message.ts';
export { decodePeers, encodePeers, maxPeersPerMessage, type PeerAddress } from './peers.ts';
export {
  decodePhfData,
  decodePhfRequest,
  encodePhfData,
  encodePhfRequest,
  maxPhfChunk,
  type PhfData,
  type PhfRequest,
} from './phf-exchange.ts';
export {
  decodeProof,
  encodeProof,
  type MembershipKind,
  type Proof,
  type ProofFacts,
  proofStatement,
} from './proof.ts';
export { encodeMessage, encodePieceHeader } from './write-message.ts';
