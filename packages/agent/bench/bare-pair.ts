/**
 * What two bare Node processes move over a socket with the same SHA-256 work, for `peer.ts`: the
 * sender reads a warm file into buffers of 1 MiB, the receiver hashes each MiB as it comes. No protocol,
 * no disk on the receiving side.
 *
 *     node bare-pair.ts send FILE        tells the port, serves one connection
 *     node bare-pair.ts receive PORT     tells seconds and CPU seconds
 */
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';

const chunk = 1_048_576;
const [role = '', what = ''] = process.argv.slice(2);

async function send(file: string): Promise<void> {
  await using data = await open(file);
  const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send!({ port: (server.address() as AddressInfo).port });
  const [socket] = await once(server, 'connection');
  const buffers = Array.from({ length: 4 }, () => Buffer.allocUnsafeSlow(chunk));
  for (let at = 0, k = 0; ; at += chunk, k++) {
    const buffer = buffers[k % buffers.length]!;
    const { bytesRead } = await data.read(buffer, 0, chunk, at);
    if (bytesRead === 0) break;
    if (!socket.write(buffer.subarray(0, bytesRead))) await once(socket, 'drain');
  }
  socket.end();
  server.close();
}

async function receive(port: number): Promise<void> {
  const piece = Buffer.allocUnsafeSlow(chunk);
  const read = Buffer.allocUnsafeSlow(262_144);
  let at = 0;
  const start = performance.now();
  const socket = connect({
    port,
    host: '127.0.0.1',
    onread: {
      buffer: read,
      callback(n) {
        for (let from = 0; from < n; ) {
          const length = Math.min(n - from, chunk - at);
          piece.set(read.subarray(from, from + length), at);
          from += length;
          at += length;
          if (at === chunk) {
            hash('sha256', piece, 'buffer');
            at = 0;
          }
        }
        return true;
      },
    },
  });
  await once(socket, 'close');
  const { user, system } = process.cpuUsage();
  process.send!({ seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 });
}

await (role === 'send' ? send(what) : receive(Number(what)));
process.disconnect();
