import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '@sluice/protocol';
import { connectTimeout } from './connect-timeout.ts';
import { networkError } from './network-error.ts';

export interface SocketPlan {
  readonly url: URL;
  readonly label: string;
  readonly connectMs: number;
  /** Certificates (PEM) trusted in place of the runtime's own list. */
  readonly ca: string | undefined;
  /** TLS sessions by origin: later connections of the same source shake hands shorter. */
  readonly sessions: Map<string, Buffer>;
}

/**
 * Opens a connection for the general path, TLS for https, HTTP/1.1 only.
 * @param done called once, with the socket ready for a request or with an error of the catalogue.
 * @returns the socket, so that it can be destroyed before it is ready.
 */
export function openSocket(
  plan: SocketPlan,
  clock: Clock,
  done: (error: Error | null, socket: Socket | null) => void,
): Socket {
  const { url, label, connectMs, ca, sessions } = plan;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const port = Number(url.port || (secure ? 443 : 80));
  const socket = secure
    ? connectTls({
        host,
        port,
        ca,
        session: sessions.get(url.origin),
        ALPNProtocols: ['http/1.1'],
      }).on('session', (session) => sessions.set(url.origin, session))
    : connect({ host, port });
  const cancel = clock.setTimer(connectMs, () => socket.destroy(connectTimeout(label, connectMs)));
  const failed = (error: Error) => done(networkError(error, label), null);
  socket.setNoDelay(true);
  socket.once('close', cancel);
  socket.once('error', failed);
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    cancel();
    socket.off('error', failed);
    done(null, socket);
  });
  return socket;
}
