import { toSluiceError } from '@sluice/protocol';
import type { Member } from './member.ts';
import type { SwarmOptions } from './swarm-options.ts';

/** Writes down a connection that is over: `sluice log --analyze --connections` reads it. */
export function logPeer(
  { logger, swarmHash }: SwarmOptions,
  { connection, peerClass, traffic }: Member,
  error: unknown,
): void {
  const facts = {
    Ip: connection.address,
    PeerType: peerClass,
    Code: toSluiceError(error).code,
    BytesSent: traffic.sent,
    BytesReceived: traffic.received,
    HashOfHashes: Buffer.from(swarmHash).toString('base64'),
  };
  logger.info(facts, 'a peer has left');
}
