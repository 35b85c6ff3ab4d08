import { bytesOf, content, type HostileCase, honest, message, whole } from './hostile-case.ts';

const total = content.length;
const evil = bytesOf('evil', total);
const part = (place: string, body: Buffer, fields = {}) =>
  message('206 Partial Content', { ETag: '"v1"', 'Content-Range': place, ...fields }, body);

/** What servers make of ranges, and of objects that change meanwhile. */
export const rangeCases: readonly HostileCase[] = [
  {
    name: 'the whole for a range',
    answer: ({ socket }) => socket.write(whole({ ETag: '"v1"' })),
    outcome: content,
  },
  {
    name: 'another place than was asked for',
    answer: ({ socket }) =>
      socket.write(part(`bytes 7-${total - 1}/${total}`, content.subarray(7))),
    outcome: ['SourceMalformed'],
  },
  {
    name: 'a part without saying which',
    answer: ({ socket }) => socket.write(message('206 Partial Content', { ETag: '"v1"' }, content)),
    outcome: ['SourceMalformed'],
  },
  {
    name: 'more bytes than the place has',
    answer: ({ socket }) => socket.write(part(`bytes 0-99/${total}`, content)),
    outcome: ['SourceMalformed'],
  },
  {
    name: 'a place beyond the end',
    answer: ({ socket }) => socket.write(part(`bytes 0-${total - 1}/100`, content)),
    outcome: ['SourceMalformed'],
  },
  {
    name: 'a place of negative length',
    answer: ({ socket }) => socket.write(part(`bytes 9-3/${total}`, content)),
    outcome: ['SourceMalformed'],
  },
  {
    name: 'a place in another unit',
    answer: ({ socket }) => socket.write(part(`items 0-${total - 1}/${total}`, content)),
    outcome: ['SourceMalformed'],
  },
  {
    name: 'parts of one byte each',
    answer: ({ socket }) => socket.write(part(`bytes 0-0/${total}`, content.subarray(0, 1))),
    outcome: ['SourceMalformed'],
  },
  {
    name: 'parts of 64 KiB, whatever was asked for',
    answer: (ask) => {
      const { start, end = total } = ask.range ?? { start: 0 };
      const range = { start, end: Math.min(end, start + 65_536, total) };
      ask.socket.write(honest({ ...ask, range }));
    },
    outcome: content,
  },
  {
    name: 'several parts in one (multipart/byteranges)',
    answer: ({ socket }) => {
      const fields = { 'Content-Type': 'multipart/byteranges; boundary=x' };
      socket.write(message('206 Partial Content', fields, '--x\r\n\r\nabc\r\n--x--'));
    },
    outcome: ['SourceMalformed'],
  },
  {
    name: '416 for everything',
    answer: ({ socket }) => socket.write(message('416 Range Not Satisfiable', {})),
    outcome: ['SourceStatus'],
  },
  {
    name: '416, and the object is empty',
    answer: (ask) => {
      const place = { 'Content-Range': 'bytes */0' };
      if (ask.range) ask.socket.write(message('416 Range Not Satisfiable', place));
      else ask.socket.write(whole({ ETag: '"0"' }, Buffer.alloc(0)));
    },
    outcome: Buffer.alloc(0),
  },
  {
    name: '416 for ranges, and the whole without',
    answer: ({ socket, range }) =>
      socket.write(range ? message('416 Range Not Satisfiable', {}) : whole()),
    outcome: content,
  },
  {
    name: 'a part where none was asked for',
    answer: ({ socket, range }) => {
      if (range) socket.write(message('416 Range Not Satisfiable', {}));
      else socket.write(part(`bytes 0-99/${total}`, content.subarray(0, 100)));
    },
    outcome: ['SourceMalformed'],
  },
  {
    name: 'a new version with every answer, ranges or not',
    answer: (ask) => {
      const body = ask.range && ask.range.start > 0 ? evil : content;
      ask.socket.write(honest(ask, {}, body, `"v${ask.index}"`));
    },
    outcome: content,
  },
  {
    name: 'a weak ETag only',
    answer: (ask) => ask.socket.write(honest(ask, {}, content, 'W/"v1"')),
    outcome: content,
  },
  {
    name: 'a version that is named once and never again',
    answer: (ask) => {
      const head = honest(ask).toString('latin1');
      ask.socket.write(Buffer.from(ask.index ? head.replace('ETag', 'X-Tag') : head, 'latin1'));
    },
    outcome: content,
  },
  {
    name: 'a length that changes with every answer',
    answer: (ask) => {
      const body = bytesOf('honest', total + ask.index);
      ask.socket.write(honest(ask, {}, body, `"l${ask.index}"`));
    },
    outcome: bytesOf('honest', total),
  },
];
