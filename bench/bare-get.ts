/**
 * The least that a verified download can cost in Node: two threads, each with one connection and half of the
 * file, that read, hash and write and do nothing else. No retries, no journal, no check of what came.
 *
 *     node bench/bare-get.ts <url> <bytes> <file>
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

interface Half {
  url: string;
  file: number;
  start: number;
  end: number;
}

const pieceSize = 1 << 20;
/** Bytes of one read: what stays in a core's own cache until it is written. */
const readSize = 1 << 18;

if (isMainThread) {
  const [url = '', bytes, path = ''] = process.argv.slice(2);
  const length = Number(bytes);
  const middle = Math.ceil(length / 2 / pieceSize) * pieceSize;
  const file = openSync(path, 'w');
  const halves = [
    [0, middle],
    [middle, length],
  ].map(([start, end]) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { url, file, start, end } });
    return new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  });
  await Promise.all(halves);
  closeSync(file);
} else {
  fetchHalf(workerData as Half);
}

function fetchHalf({ url, file, start, end }: Half): void {
  const { hostname, port, pathname } = new URL(url);
  let at = start;
  let inHead = true;
  let hash = createHash('sha256');
  const socket = connect({
    host: hostname,
    port: Number(port),
    onread: {
      buffer: Buffer.allocUnsafeSlow(readSize),
      callback: (count, buffer) => {
        let rest = Buffer.from(buffer.buffer, buffer.byteOffset, count);
        if (inHead) rest = rest.subarray(rest.indexOf('\r\n\r\n') + 4);
        inHead = false;
        while (rest.length > 0) {
          const part = rest.subarray(0, pieceSize - (at % pieceSize));
          hash.update(part);
          writeSync(file, part, 0, part.length, at);
          at += part.length;
          rest = rest.subarray(part.length);
          if (at % pieceSize === 0 || at === end) {
            hash.digest();
            hash = createHash('sha256');
          }
        }
        if (at === end) socket.destroy();
        return true;
      },
    },
  });
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nRange: bytes=${start}-${end - 1}\r\n\r\n`,
  );
}
