import type { Clock, PeerId } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { PeerMembership } from '../identity/peer-membership.ts';
import type { Address } from '../rate/delay-probe.ts';
import type { ContentEntry } from '../store/index.ts';
import type { SwarmNetwork } from './admission.ts';
import type { Member, MemberEvents } from './member.ts';
import type { PeerClass } from './peer-class.ts';
import type { UploadBuffers } from './upload-buffers.ts';
import type { UploadPermit } from './upload-permit.ts';
import type { SendingPace } from './upload-queue.ts';

export type UploadPacer = (
  to: PeerClass,
  address: () => Address | undefined,
) => SendingPace | undefined;

/** What a swarm works with. */
export interface SwarmOptions {
  /** Raw HashOfHashes, 32 bytes. */
  swarmHash: Uint8Array;
  self: PeerId;
  listenPort: () => number;
  clock: Clock;
  logger: Logger;
  buffers: UploadBuffers;
  uploads: UploadPermit;
  /** How fast to serve a peer of that class, which takes connections there; undefined = no limit. */
  uploadPace?: UploadPacer | undefined;
  nextSourceId: () => number;
  /** Undefined: the device is enrolled nowhere, anybody may be its peer. */
  membership?: PeerMembership | undefined;
  network: SwarmNetwork;
}

/** What a download wants to hear of its swarm. */
export interface SwarmWatcher
  extends Omit<MemberEventsByMember, 'interested' | 'asked' | 'peers' | 'answered'>,
    Partial<Pick<MemberEventsByMember, 'answered'>> {
  joined(member: Member): void;
  left(member: Member): void;
}
type MemberEventsByMember = {
  [K in keyof MemberEvents]: (member: Member, ...args: Parameters<MemberEvents[K]>) => void;
};

/** What the swarm serves, once the hash list is known. */
export interface SwarmContent {
  entry: Pick<ContentEntry, 'pieces' | 'read'>;
  contentLength: number;
  pieceSize: number;
  /** The hash list's bytes, for peers that ask for it. */
  phf: Uint8Array;
}
