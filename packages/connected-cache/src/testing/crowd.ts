import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface CrowdTarget {
  /** Of the node. */
  url: string;
  /** The source as the node knows it. */
  host: string;
  path: string;
  /** What lies there. */
  bytes: Buffer;
}

/** Connects; what becomes of the connection is not the caller's affair. */
export async function idleConnection({ url }: { url: string }, head = ''): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  await once(socket, 'connect');
  if (head !== '') socket.write(head);
  return socket;
}

/**
 * Asks for a range and takes it in small bites with pauses between them, comparing each byte.
 * @throws when a byte is wrong or missing
 */
export async function slowClient(
  target: CrowdTarget,
  { start, end }: { start: number; end: number },
  { bite, pauseMs }: { bite: number; pauseMs: number },
): Promise<void> {
  const { host, path, bytes } = target;
  const head =
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nRange: bytes=${start}-${end - 1}\r\n` +
    'Connection: close\r\n\r\n';
  const socket = await idleConnection(target, head);
  let wake = () => {};
  let broken: Error | undefined;
  socket.on('error', (error) => {
    broken = error;
  });
  for (const event of ['readable', 'end', 'close']) socket.on(event, () => wake());
  let before = Buffer.alloc(0);
  let at = -1;
  for (;;) {
    const chunk: Buffer | null = socket.read(Math.min(bite, socket.readableLength || bite));
    if (!chunk) {
      if (socket.readableEnded || socket.destroyed) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    let body = chunk;
    if (at < 0) {
      before = Buffer.concat([before, chunk]);
      const cut = before.indexOf('\r\n\r\n');
      if (cut < 0) continue;
      if (!before.toString('latin1', 0, 12).endsWith(' 206'))
        throw new Error(before.toString('latin1', 0, 100));
      body = before.subarray(cut + 4);
      at = start;
    }
    if (!body.equals(bytes.subarray(at, at + body.length))) throw new Error(`wrong bytes at ${at}`);
    at += body.length;
    if (pauseMs > 0) await pause(pauseMs);
  }
  if (at !== end) {
    throw new Error(`ended at ${at} instead of ${end}`, { cause: broken });
  }
}
