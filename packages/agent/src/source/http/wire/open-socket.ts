import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { type Clock, isSluiceError } from '@sluice/protocol';
import type { ProxyServer } from '../../proxy/index.ts';
import { connectTimeout } from './connect-timeout.ts';
import { networkError } from './network-error.ts';
import { proxyFailed } from './proxy-failed.ts';
import { openTunnel } from './tunnel.ts';

/** What the connections of one source share. */
export interface TlsState {
  /** Certificates (PEM) trusted in place of the runtime's own list. */
  readonly ca: string | undefined;
  /** What this device shows who asks for it, PEM. */
  readonly client: { readonly cert: string; readonly key: string } | undefined;
  /** TLS sessions by origin: later connections of the same source shake hands shorter. */
  readonly sessions: Map<string, Buffer>;
  /** Origins that speak HTTP/2 only. */
  readonly http2Only: Set<string>;
}

export interface SocketPlan {
  readonly url: URL;
  readonly via: ProxyServer | undefined;
  readonly label: string;
  readonly connectMs: number;
  readonly tls: TlsState;
}

type Done = (error: Error | null, socket: Socket | null) => void;

/**
 * Opens a connection for the general path: through a proxy if so planned, TLS for https. HTTP/1.1, which
 * is the faster to read and gives each request a connection of its own, or HTTP/2 where there is no other.
 * @param done called once, with the socket ready for a request or with an error of the catalogue.
 * @returns what destroys whatever is open of it, and resolves when that is closed.
 */
export function openSocket(plan: SocketPlan, clock: Clock, done: Done): () => Promise<void> {
  const { url, via, label, connectMs } = plan;
  const open: Socket[] = [];
  let isOver = false;
  const end: Done = (error, socket) => {
    if (isOver) return;
    isOver = true;
    cancel();
    if (error) for (const s of open) s.destroy();
    done(error, socket);
  };
  const cancel = clock.setTimer(connectMs, () => end(connectTimeout(label, connectMs), null));
  const track = (socket: Socket, failed: (error: Error) => Error): Socket => {
    open.push(socket);
    socket.setNoDelay(true);
    // Stays: a socket that fails between two owners must not end the process.
    socket.on('error', (error) => end(failed(error), null));
    socket.once('close', () =>
      end(networkError(new Error('closed while connecting'), label), null),
    );
    return socket;
  };
  const onSource = (error: Error) => networkError(error, label);
  const onHop = via ? (error: Error) => proxyFailed(label, via, error) : onSource;
  const secure = (below?: Socket) => {
    const socket = track(connectTls(tlsOptions(plan, below)), onSource) as TLSSocket;
    socket.on('session', (session) => plan.tls.sessions.set(url.origin, session));
    socket.once('secureConnect', () => end(null, socket));
  };
  const isSecure = url.protocol === 'https:';
  if (!via && isSecure) secure();
  else {
    const hop = track(connectHop(via?.url ?? url, plan.tls), onHop);
    hop.once(via?.url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      if (!via || !isSecure) return end(null, hop);
      openTunnel(hop, plan.url, via, label).then(
        () => secure(hop),
        (error: Error) => end(isSluiceError(error) ? error : onHop(error), null),
      );
    });
  }
  return async () => {
    end(networkError(new Error('given up'), label), null);
    await Promise.all(open.map(destroyed));
  };
}

function connectHop(hop: URL, tls: TlsState): Socket {
  const host = hop.hostname.replace(/^\[|\]$/g, '');
  if (hop.protocol === 'http:') return connect({ host, port: Number(hop.port || 80) });
  return connectTls({ host, port: Number(hop.port || 443), ca: tls.ca, ...serverName(host) });
}

function tlsOptions({ url, tls }: SocketPlan, below: Socket | undefined): ConnectionOptions {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    ...(below ? { socket: below, ...serverName(host) } : { port: Number(url.port || 443) }),
    host,
    ca: tls.ca,
    ...tls.client,
    session: tls.sessions.get(url.origin),
    ALPNProtocols: tls.http2Only.has(url.origin) ? ['h2'] : ['http/1.1'],
  };
}

/** An address has no place in SNI. */
function serverName(host: string): { servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}

async function destroyed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.destroy();
  await closed;
}
