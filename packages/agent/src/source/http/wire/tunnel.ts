import type { Socket } from 'node:net';
import { maxHeadLength, sluiceError } from '@sluice/protocol';
import type { ProxyServer } from '../../proxy/index.ts';

/**
 * Has the proxy at the far end of `socket` connect it to the host of `url` (CONNECT, RFC 9110 §9.3.6).
 * @throws SourceProxyFailed, SourceProxyUnauthorized.
 */
export async function openTunnel(
  socket: Socket,
  url: URL,
  via: ProxyServer,
  label: string,
): Promise<void> {
  const host = `${url.hostname}:${url.port || 443}`;
  let text = `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n`;
  if (via.authorization) text += `Proxy-Authorization: ${via.authorization}\r\n`;
  socket.write(`${text}\r\n`, 'latin1');
  const head = await readHead(socket);
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(head)?.[1]);
  if (status >= 200 && status < 300) return;
  const proxy = via.url.origin;
  if (status === 407) {
    throw sluiceError('SourceProxyUnauthorized', { url: label, proxy, status, retryable: false });
  }
  // 502 to 504 may be over soon; a refusal stays one.
  const retryable = status >= 500;
  const detail = status ? `it answered CONNECT with ${status}` : 'it does not speak HTTP';
  throw sluiceError('SourceProxyFailed', { url: label, proxy, status, detail, retryable });
}

/** Reads up to the empty line, and leaves on the socket what follows. */
async function readHead(socket: Socket): Promise<string> {
  let head = '';
  const done = Promise.withResolvers<void>();
  const read = () => {
    for (let chunk = socket.read() as Buffer | null; chunk; chunk = socket.read()) {
      const before = head.length;
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end >= 0) {
        const rest = chunk.subarray(end + 4 - before);
        head = head.slice(0, end);
        socket.off('readable', read);
        if (rest.length > 0) socket.unshift(rest);
        return done.resolve();
      }
      if (head.length > maxHeadLength) return done.reject(new Error('its answer is too long'));
    }
  };
  const ended = () => done.reject(new Error('it closed the connection'));
  socket.on('readable', read);
  socket.once('end', ended);
  socket.once('close', ended);
  try {
    await done.promise;
    return head;
  } finally {
    socket.off('readable', read);
    socket.off('end', ended);
    socket.off('close', ended);
  }
}
