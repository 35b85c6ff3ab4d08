/**
 * Fetches the bench's object and compares every byte. Arguments: URL, bytes, connections (each takes
 * an equal part), clients at once. Prints the seconds that each client took, as JSON.
 */
import { connect } from 'node:net';
import { isOfObject } from './object-bytes.ts';

const [address = '', size = '', connections = '1', clients = '1'] = process.argv.slice(2);
const url = new URL(address);
const length = Number(size);
const parts = Number(connections);

/** One range on a bare socket, read into one buffer: the client must not be what is measured. */
function fetchPart(start: number, end: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = '';
    let inBody = false;
    let at = start;
    const take = (bytes: Uint8Array) => {
      if (!isOfObject(bytes, at)) reject(new Error(`wrong bytes at ${at}`));
      at += bytes.length;
      if (at === end) socket.destroy();
    };
    const socket = connect({
      host: url.hostname,
      port: Number(url.port),
      onread: {
        buffer: Buffer.allocUnsafe(256 * 1024),
        callback(n, buffer) {
          const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, n);
          if (inBody) take(bytes);
          else {
            const before = head.length;
            head += bytes.toString('latin1');
            const cut = head.indexOf('\r\n\r\n');
            if (cut < 0) return true;
            if (!/^HTTP\/1\.1 20[06]/.test(head)) reject(new Error(head.slice(0, cut)));
            inBody = true;
            if (head.length > cut + 4) take(bytes.subarray(cut + 4 - before));
          }
          return true;
        },
      },
    });
    const range = parts > 1 ? `Range: bytes=${start}-${end - 1}\r\n` : '';
    socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${range}\r\n`);
    socket.on('error', reject);
    socket.on('close', () => (at === end ? resolve() : reject(new Error(`ended at ${at}`))));
  });
}

async function fetchAll(): Promise<number> {
  const before = performance.now();
  const step = Math.ceil(length / parts);
  const starts = Array.from({ length: parts }, (_, i) => i * step);
  await Promise.all(starts.map((start) => fetchPart(start, Math.min(length, start + step))));
  return (performance.now() - before) / 1000;
}

console.log(JSON.stringify(await Promise.all(Array.from({ length: Number(clients) }, fetchAll))));
