import {
  type Clock,
  decodeHandshake,
  encodeHandshake,
  type Handshake,
  handshakeLength,
  sluiceError,
} from '@sluice/protocol';
import type { SwarmSocket } from './swarm-socket.ts';

const handshakeTimeoutMs = 5_000;

/** Who begins otherwise speaks another protocol, and is not waited for. */
const opening = Buffer.from(
  encodeHandshake({ contentLength: 0, swarmHash: new Uint8Array(32), peerId: '0'.repeat(40) }),
).subarray(0, 15);

/**
 * Waits for the peer's handshake; the socket is paused afterwards, or destroyed when this throws.
 * @returns it, and what came behind it.
 * @throws InvalidMessage, PeerStalled, PeerLost.
 */
export function receiveHandshake(
  socket: SwarmSocket,
  clock: Clock,
): Promise<{ handshake: Handshake; rest: Uint8Array }> {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.alloc(handshakeLength);
    let have = 0;
    const peer = socket.remoteAddress;
    const seconds = handshakeTimeoutMs / 1000;
    const fail = (error: unknown) => {
      cancelTimer();
      reject(error);
      socket.destroy();
    };
    const cancelTimer = clock.setTimer(handshakeTimeoutMs, () =>
      fail(sluiceError('PeerStalled', { peer, seconds, retryable: true })),
    );
    socket.setReceiver({
      target: () => undefined,
      placed: () => {},
      take(chunk) {
        const n = Math.min(handshakeLength - have, chunk.length);
        bytes.set(chunk.subarray(0, n), have);
        have += n;
        const begun = Math.min(have, opening.length);
        if (opening.compare(bytes, 0, begun, 0, begun) !== 0) {
          fail(sluiceError('InvalidMessage', { detail: 'another protocol' }));
          return false;
        }
        if (have < handshakeLength) return true;
        cancelTimer();
        // A copy: the chunk is the socket's.
        resolve({ handshake: decodeHandshake(bytes), rest: Uint8Array.from(chunk.subarray(n)) });
        return false;
      },
      closed(error) {
        const detail = error?.message ?? 'closed before the handshake';
        fail(sluiceError('PeerLost', { peer, detail, retryable: true }, { cause: error }));
      },
    });
    socket.resume();
  });
}
