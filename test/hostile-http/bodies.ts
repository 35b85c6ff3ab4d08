import { gzipSync } from 'node:zlib';
import { bytesOf, content, type HostileCase, honest, message, whole } from './hostile-case.ts';

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const broken = ['SourceMalformed', 'SourceTruncated', 'SourceReset'];
const small = content.subarray(0, 1_000);

function chunkOf(bytes: Buffer): Buffer {
  const size = Buffer.from(`${bytes.length.toString(16)}\r\n`);
  return Buffer.concat([size, bytes, Buffer.from('\r\n')]);
}

/** Bodies that are not what the head promises, or never end. */
export const bodyCases: readonly HostileCase[] = [
  ...[
    ['not hexadecimal', 'xyz\r\nabc\r\n0\r\n\r\n'],
    ['negative', '-3\r\nabc\r\n0\r\n\r\n'],
    ['of 17 digits', 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n'],
    ['smaller than the chunk', '2\r\nabcdef\r\n0\r\n\r\n'],
    ['missing', '\r\nabc\r\n0\r\n\r\n'],
  ].map(([what, body]) => ({
    name: `a chunk size ${what}`,
    waits: true,
    answer: ({ socket }: { socket: { end(text: string): unknown } }) => socket.end(chunked + body),
    outcome: broken,
  })),
  {
    name: 'chunks without the last one',
    waits: true,
    answer: ({ socket }) => {
      socket.write(chunked);
      socket.end(chunkOf(content));
    },
    outcome: broken,
  },
  {
    name: 'a chunk extension without end',
    waits: true,
    answer: ({ socket }) => {
      socket.write(`${chunked}3;`);
      const go = () => {
        if (!socket.destroyed) socket.write('x'.repeat(16_384), () => setImmediate(go));
      };
      go();
    },
    outcome: [...broken, 'SourceStalled'],
  },
  {
    name: 'trailers that state a length',
    waits: true,
    answer: ({ socket }) => {
      socket.write(chunked);
      socket.write(chunkOf(content));
      socket.end('0\r\nContent-Length: 3\r\n\r\n');
    },
    outcome: broken,
  },
  {
    name: 'trailers that say otherwise',
    answer: ({ socket }) => {
      socket.write(chunked);
      socket.write(chunkOf(content));
      socket.end('0\r\nETag: "other"\r\nLocation: http://x/\r\n\r\n');
    },
    outcome: content,
  },
  {
    name: 'chunks of one byte',
    answer: ({ socket }) => {
      const chunks = [...small].map((byte) => chunkOf(Buffer.from([byte])));
      socket.end(Buffer.concat([Buffer.from(chunked), ...chunks, Buffer.from('0\r\n\r\n')]));
    },
    outcome: small,
  },
  {
    name: 'a body shorter than its length',
    waits: true,
    answer: ({ socket }) => socket.end(whole({ 'Content-Length': content.length + 9 })),
    outcome: ['SourceTruncated'],
  },
  {
    name: 'garbage behind the body',
    answer: (ask) => ask.socket.write(Buffer.concat([honest(ask), Buffer.from('garbage')])),
    outcome: content,
  },
  {
    name: 'another answer behind the body, which nobody asked for',
    answer: (ask) => {
      const other = honest(ask, {}, bytesOf('evil', content.length));
      ask.socket.write(Buffer.concat([honest(ask), other]));
    },
    outcome: content,
  },
  {
    name: 'keep-alive that is none',
    answer: (ask) => {
      ask.socket.end(honest(ask, { Connection: 'keep-alive', 'Keep-Alive': 'timeout=600' }));
    },
    outcome: content,
  },
  {
    name: 'nothing at all, where nothing was promised',
    answer: ({ socket }) => socket.write(whole({ ETag: '"0"' }, Buffer.alloc(0))),
    outcome: Buffer.alloc(0),
  },
  {
    name: 'a slow drip that comes to its end',
    answer: ({ socket }) => {
      socket.write(whole({ 'Content-Length': 12 }, Buffer.alloc(0)));
      let sent = 0;
      const drip = setInterval(() => {
        if (socket.destroyed || sent === 12) clearInterval(drip);
        else socket.write(content.subarray(sent, ++sent));
      }, 40);
    },
    outcome: content.subarray(0, 12),
  },
  {
    name: 'a body that stops in the middle',
    waits: true,
    answer: ({ socket }) =>
      socket.write(whole({ 'Content-Length': content.length }, content.subarray(0, 70_000))),
    outcome: ['SourceStalled'],
  },
  {
    name: 'no answer at all',
    waits: true,
    answer: () => {},
    outcome: ['SourceStalled'],
  },
  {
    name: 'an end in place of an answer',
    answer: ({ socket }) => socket.end(),
    outcome: ['SourceReset'],
  },
  {
    name: 'a reset in place of an answer',
    answer: ({ socket }) => socket.resetAndDestroy(),
    outcome: ['SourceReset'],
  },
  {
    name: 'a reset in the middle of every first body',
    answer: (ask) => {
      if (ask.index > 0) ask.socket.write(honest(ask));
      else {
        ask.socket.write(honest(ask).subarray(0, 100_000), () => {
          setTimeout(() => ask.socket.resetAndDestroy(), 20);
        });
      }
    },
    outcome: content,
  },
  {
    name: 'a body that is cut off wherever it is asked from',
    waits: true,
    answer: (ask) => ask.socket.end(honest(ask).subarray(0, 300)),
    outcome: ['SourceTruncated', 'SourceReset'],
  },
  {
    name: 'gzip that was not asked for',
    answer: ({ socket }) =>
      socket.end(whole({ 'Content-Encoding': 'gzip', ETag: '"gz"' }, gzipSync(content))),
    outcome: ['SourceEncoded'],
  },
  {
    name: 'an archive called an encoding',
    path: '/backup.tar.gz',
    answer: (ask) => ask.socket.write(honest(ask, { 'Content-Encoding': 'x-gzip' })),
    outcome: content,
  },
  {
    name: 'an encoding nobody knows',
    answer: (ask) => ask.socket.write(honest(ask, { 'Content-Encoding': 'rot13' })),
    outcome: ['SourceEncoded'],
  },
  {
    name: 'a body for status 204',
    answer: ({ socket }) => socket.write(message('204 No Content', {}, small)),
    outcome: ['SourceStatus'],
  },
];
