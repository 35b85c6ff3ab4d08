import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { isSluiceError } from '@sluice/protocol';
import { fetchText, httpSource, never } from '../testing/fetching.ts';
import { selfSigned } from '../testing/self-signed.ts';

const tls = await selfSigned();
const device = await selfSigned();

/** A server that wants to know its clients. @param required it refuses those it does not. */
async function serveKnown(required: boolean, location?: string) {
  const shown: boolean[] = [];
  const options = { ...tls, ca: device.cert, requestCert: true, rejectUnauthorized: required };
  const server = createServer(options, (request, response) => {
    const certificate = (request.socket as TLSSocket).getPeerCertificate();
    shown.push(Object.keys(certificate).length > 0);
    if (location) response.writeHead(302, { location }).end();
    else response.end('good');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shown,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

test('a client certificate is shown to the origin of the URL, and to no other', async () => {
  await using other = await serveKnown(false);
  await using own = await serveKnown(true, other.origin);
  const client = { cert: device.cert, key: device.key };
  await using source = httpSource(own.origin, { ca: tls.cert, client });
  assert.equal(await fetchText(source), 'good');
  assert.deepEqual([own.shown[0], other.shown[0]], [true, false]);
});

test('a server that wants one and gets none sends nothing', async () => {
  await using own = await serveKnown(true);
  await using source = httpSource(own.origin, { ca: tls.cert });
  // In TLS 1.3 it learns of it only after the client takes the connection for open.
  await assert.rejects(source.open(never), (error) => {
    return isSluiceError(error, 'SourceReset') || isSluiceError(error, 'SourceTlsFailed');
  });
  assert.deepEqual(own.shown, []);
});
