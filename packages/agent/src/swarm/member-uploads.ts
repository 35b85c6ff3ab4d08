import { pieceLength, sluiceError } from '@sluice/protocol';
import type { Address } from '../rate/delay-probe.ts';
import type { Member } from './member.ts';
import type { SwarmContent, SwarmOptions } from './swarm-options.ts';
import { type UploadOptions, UploadQueue } from './upload-queue.ts';

type Uploading = Pick<SwarmOptions, 'buffers' | 'clock' | 'logger' | 'uploadPace'>;

/** What a member asks of the content, on its way to it. */
export function uploadsTo(
  member: Member,
  content: SwarmContent,
  { buffers, clock, logger, uploadPace }: Uploading,
  { onSent, onSentAll }: Pick<UploadOptions, 'onSent' | 'onSentAll'>,
): UploadQueue {
  const { entry } = content;
  const { connection, peerClass } = member;
  const peer = connection.label;
  return new UploadQueue({
    buffers,
    have: entry.pieces,
    clock,
    pace: uploadPace?.(peerClass, () => listeningAt(member)),
    pieceLength: (piece) => pieceLength(content, piece),
    read: (piece, offset, target) => entry.read(piece, offset, target),
    send: (part, done) => connection.sendPart(part, done),
    onSent,
    onSentAll,
    onStalled: () => connection.destroy(sluiceError('PeerNotReading', { peer })),
    onFault: (error) => {
      logger.warn({ err: error }, 'could not read a piece to upload');
      connection.destroy();
    },
  });
}

/** Where the peer takes connections: where we dialled it, else where it says. */
function listeningAt({ connection, hello }: Member): Address | undefined {
  const { address: host, incoming, remotePort } = connection;
  const port = incoming ? hello?.listenPort : remotePort;
  return port ? { host, port } : undefined;
}
