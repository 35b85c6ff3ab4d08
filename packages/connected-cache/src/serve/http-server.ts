import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { sluiceError } from '@sluice/protocol';
import type { ListenAddress } from '../options.ts';
import { bracketed } from '../sources/source-name.ts';
import { Lanes } from './lanes.ts';

/** Time for the head of a request, for all of it, and between requests, ms. */
const headersTimeout = 15_000;
const requestTimeout = 30_000;
export const keepAliveTimeout = 65_000;
const checkInterval = 5_000;
const maxHeaderSize = 16_384;
export const maxConnections = 20_000;
/** Devices of a site that connect at the same moment; more than Node's 511, else some are reset. */
const backlog = 4096;

const options = {
  headersTimeout,
  requestTimeout,
  keepAliveTimeout,
  connectionsCheckingInterval: checkInterval,
  maxHeaderSize,
  // Refused like all else that is, and what follows on the connection is not looked at.
  requireHostHeader: false,
};

type Handle = (message: IncomingMessage, response: ServerResponse) => Promise<void>;

/** @param handle must not throw */
export function createHttpServer(handle: Handle): Server {
  return bounded(createServer(options), inLanes(handle));
}

/** @param handle must not throw */
export function createHttpsServer(
  certificate: { cert: string; key: string },
  handle: Handle,
): TlsServer {
  const secure = { ...options, ...certificate, handshakeTimeout: headersTimeout };
  return bounded(createTlsServer(secure), inLanes(handle));
}

function inLanes(handle: Handle) {
  const lanes = new Lanes();
  return (message: IncomingMessage, response: ServerResponse) =>
    lanes.enter(message, response, () => handle(message, response));
}

function bounded<S extends Server | TlsServer>(server: S, answer: RequestListener): S {
  server.on('request', answer);
  // A body is refused; nobody shall be told to go on and send it.
  server.on('checkContinue', answer);
  server.maxConnections = maxConnections;
  return server;
}

/** A server whose connections somebody else sees first. */
export interface ConnectionServer {
  /** @returns how to have the server serve a connection all the same */
  divert(take: (socket: Socket) => void): (socket: Socket) => void;
}

export function divertible(server: Server): ConnectionServer {
  return {
    divert(take) {
      // The server still listens and watches over slow heads, so it is not one that is merely fed.
      const serve = server.listeners('connection') as ((socket: Socket) => void)[];
      server.removeAllListeners('connection');
      server.on('connection', take);
      return (socket) => {
        for (const listener of serve) listener.call(server, socket);
      };
    },
  };
}

/** @returns the address as a URL. @throws ListenFailed */
export function listen(server: Server | TlsServer, where: ListenAddress) {
  return new Promise<string>((resolve, reject) => {
    const failed = (cause: Error) => {
      const address = 'fd' in where ? `fd ${where.fd}` : `${bracketed(where.host)}:${where.port}`;
      const params = { address, detail: cause.message };
      reject(sluiceError('ListenFailed', params, { cause }));
    };
    server.once('error', failed);
    // What systemd listens on has its own backlog.
    server.listen({ ...where, backlog }, () => {
      server.off('error', failed);
      const { address, port: actual } = server.address() as AddressInfo;
      const scheme = server instanceof TlsServer ? 'https' : 'http';
      resolve(`${scheme}://${bracketed(address)}:${actual}`);
    });
  });
}
