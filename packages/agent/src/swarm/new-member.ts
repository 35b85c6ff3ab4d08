import type { Clock, PeerId, PieceGeometry } from '@sluice/protocol';
import { Member, type MemberEvents } from './member.ts';
import type { PeerClass } from './peer-class.ts';
import { PeerConnection } from './peer-connection.ts';
import type { SwarmSocket } from './swarm-socket.ts';

export interface NewMemberOptions {
  id: number;
  /** Past the handshake. */
  socket: SwarmSocket;
  peerId: PeerId;
  /** Whether the other side made the connection. */
  incoming: boolean;
  /** See `Member`. */
  provenBy: string | undefined;
  peerClass: PeerClass;
  clock: Clock;
  geometry: () => PieceGeometry | undefined;
  events: (member: () => Member) => MemberEvents;
  onClosed: (member: Member, error: unknown) => void;
}

/** A member on a connection that takes no messages before it is started. */
export function newMember({ events, onClosed, ...options }: NewMemberOptions): Member {
  const connection = new PeerConnection({
    ...options,
    onMessage: (message) => member.onMessage(message),
    onClosed: (error) => onClosed(member, error),
  });
  const member: Member = new Member({ ...options, connection, events: events(() => member) });
  return member;
}
