import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sluiceError } from '@sluice/protocol';
import type { ListenAddress } from '../options.ts';
import { bracketed } from '../sources/source-name.ts';
import { Lanes } from './lanes.ts';

/** Time for the head of a request, for all of it, and between requests, ms. */
const headersTimeout = 15_000;
const requestTimeout = 30_000;
const keepAliveTimeout = 65_000;
const checkInterval = 5_000;
const maxHeaderSize = 16_384;
const maxConnections = 20_000;

/** @param handle must not throw */
export function createHttpServer(
  handle: (message: IncomingMessage, response: ServerResponse) => Promise<void>,
): Server {
  const lanes = new Lanes();
  const server = createServer(
    {
      headersTimeout,
      requestTimeout,
      keepAliveTimeout,
      connectionsCheckingInterval: checkInterval,
      maxHeaderSize,
      // Refused like all else that is, and what follows on the connection is not looked at.
      requireHostHeader: false,
    },
    (message, response) => lanes.enter(message, response, () => handle(message, response)),
  );
  server.maxConnections = maxConnections;
  return server;
}

/** @returns the address as a URL. @throws ListenFailed */
export function listen(server: Server, where: ListenAddress) {
  return new Promise<string>((resolve, reject) => {
    const failed = (cause: Error) => {
      const address = 'fd' in where ? `fd ${where.fd}` : `${bracketed(where.host)}:${where.port}`;
      const params = { address, detail: cause.message };
      reject(sluiceError('ListenFailed', params, { cause }));
    };
    server.once('error', failed);
    server.listen(where, () => {
      server.off('error', failed);
      const { address, port: actual } = server.address() as AddressInfo;
      resolve(`http://${bracketed(address)}:${actual}`);
    });
  });
}
