import { type OnReadOpts, Socket } from 'node:net';

/**
 * An accepted connection that reads into own buffers. Node gives that (`onread`) to connections it
 * makes, not to those it accepts, though it takes a quarter of the CPU time of 'data' events: so the
 * connection moves to a socket made with `onread`, the way Node itself moves one between processes.
 * `_handle` is no public part of Node: where it is not as expected the socket stays as it is.
 * @param raw accepted by a server with `pauseOnConnect`, untouched; not to be used when this returns
 *   another socket.
 * @returns undefined when this Node cannot do it.
 */
export function readingInto(raw: Socket, onread: OnReadOpts): Socket | undefined {
  const handle: unknown = Reflect.get(raw, '_handle');
  if (!isStreamHandle(handle)) return undefined;
  Reflect.set(raw, '_handle', null);
  // Without its handle this closes nothing; the server counts one connection less.
  raw.destroy();
  return new Socket({ handle: handle as never, onread });
}

function isStreamHandle(handle: unknown): boolean {
  if (typeof handle !== 'object' || handle === null) return false;
  const { useUserBuffer, readStart } = handle as Record<string, unknown>;
  return typeof useUserBuffer === 'function' && typeof readStart === 'function';
}
