import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type ByteRange, formatContentRange, formatRange } from '@sluice/protocol';
import { identityOf, onlyIfSame, sameIdentity } from '../upstream/identity.ts';
import type { Grant } from './grant.ts';

/**
 * Asks the node for the rest of an answer that began from files which are gone or fail, as any client
 * would, and passes it on behind what was sent.
 * @returns false when it is not to be had, or not of the same object: the answer must be cut
 * @throws what asking throws
 */
export async function sendRest(
  nodeUrl: string,
  { target, host }: { target: string; host: string },
  { identity }: Grant,
  range: ByteRange,
  socket: Socket,
): Promise<boolean> {
  const { hostname, port } = new URL(nodeUrl);
  const request = get({
    host: hostname.replace(/^\[|\]$/g, ''),
    port,
    path: target,
    headers: { host, range: formatRange(range), ...onlyIfSame(identity) },
    agent: false,
  });
  const leave = () => request.destroy();
  socket.once('close', leave);
  try {
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    const { headers } = answer;
    const isRange = headers['content-range'] === formatContentRange(range, identity.length);
    if (answer.statusCode !== 206 || !isRange) return false;
    if (!sameIdentity(identity, identityOf(headers, identity.length))) return false;
    let left = range.end - range.start;
    for await (const chunk of answer) {
      left -= chunk.length;
      await new Promise<void>((resolve) => socket.write(chunk, () => resolve()));
    }
    return left === 0;
  } catch (error) {
    if (socket.destroyed) return false;
    throw error;
  } finally {
    socket.off('close', leave);
    request.destroy();
  }
}
