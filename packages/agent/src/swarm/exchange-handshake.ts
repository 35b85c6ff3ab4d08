import {
  type Clock,
  decodeHandshake,
  type Handshake,
  handshakeLength,
  sluiceError,
} from '@sluice/protocol';
import type { SwarmSocket } from './swarm-socket.ts';

const handshakeTimeoutMs = 5_000;

/**
 * Waits for the peer's handshake; the socket is paused afterwards.
 * @returns it, and what came behind it.
 * @throws InvalidMessage, PeerStalled, PeerLost.
 */
export function receiveHandshake(
  socket: SwarmSocket,
  clock: Clock,
): Promise<{ handshake: Handshake; rest: Uint8Array }> {
  return new Promise((resolve, reject) => {
    const bytes = new Uint8Array(handshakeLength);
    let have = 0;
    const peer = socket.remoteAddress;
    const seconds = handshakeTimeoutMs / 1000;
    const cancelTimer = clock.setTimer(handshakeTimeoutMs, () => {
      reject(sluiceError('PeerStalled', { peer, seconds }));
      socket.destroy();
    });
    socket.setReceiver({
      target: () => undefined,
      placed: () => {},
      take(chunk) {
        const n = Math.min(handshakeLength - have, chunk.length);
        bytes.set(chunk.subarray(0, n), have);
        have += n;
        if (have < handshakeLength) return true;
        cancelTimer();
        try {
          resolve({ handshake: decodeHandshake(bytes), rest: chunk.slice(n) });
        } catch (error) {
          reject(error);
          socket.destroy();
        }
        return false;
      },
      closed(error) {
        cancelTimer();
        const detail = error?.message ?? 'closed before the handshake';
        reject(sluiceError('PeerLost', { peer, detail }, { cause: error }));
      },
    });
    socket.resume();
  });
}
