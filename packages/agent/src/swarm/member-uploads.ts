import { pieceLength, sluiceError } from '@sluice/protocol';
import type { Member } from './member.ts';
import type { SwarmContent, SwarmOptions } from './swarm-options.ts';
import { UploadQueue } from './upload-queue.ts';

type Uploading = Pick<SwarmOptions, 'buffers' | 'clock' | 'logger' | 'uploadThrottle'>;

/** What a member asks of the content, on its way to it. @param onSent told the bytes that went out. */
export function uploadsTo(
  { connection, peerClass }: Member,
  content: SwarmContent,
  { buffers, clock, logger, uploadThrottle }: Uploading,
  onSent: (bytes: number) => void,
): UploadQueue {
  const { entry } = content;
  const peer = connection.label;
  return new UploadQueue({
    buffers,
    have: entry.pieces,
    clock,
    throttle: uploadThrottle?.(peerClass),
    pieceLength: (piece) => pieceLength(content, piece),
    read: (piece, offset, target) => entry.read(piece, offset, target),
    send: (part, done) => connection.sendPart(part, done),
    onSent,
    onStalled: () => connection.destroy(sluiceError('PeerNotReading', { peer })),
    onFault: (error) => {
      logger.warn({ err: error }, 'could not read a piece to upload');
      connection.destroy();
    },
  });
}
