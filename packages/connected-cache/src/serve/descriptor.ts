import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The socket of a response as long as it is open and plain. Node has no public way to it; where there
 * is none, all goes the usual way.
 */
export function descriptorOf({ socket }: ServerResponse): number | undefined {
  return socket ? descriptorOfSocket(socket) : undefined;
}

export function descriptorOfSocket(socket: Socket): number | undefined {
  if (socket.destroyed || 'encrypted' in socket) return undefined;
  const { _handle: handle } = socket as { _handle?: { fd?: unknown } | null };
  const fd = handle?.fd;
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}
