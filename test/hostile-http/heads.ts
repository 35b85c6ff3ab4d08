import { content, type HostileCase, honest, message, whole } from './hostile-case.ts';

const malformed = ['SourceMalformed'];
const raw = (text: string) => Buffer.from(text, 'latin1');
/** A right answer with one thing in its text replaced. */
const spoilt = (from: string | RegExp, to: string) => (ask: Parameters<typeof honest>[0]) =>
  raw(honest(ask).toString('latin1').replace(from, to));

/** Heads that are none, or could be read in two ways. */
export const headCases: readonly HostileCase[] = [
  {
    name: 'header lines without end',
    answer: ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = 'X-More: and more and more and more and more\r\n'.repeat(500);
      const go = () => {
        if (!socket.destroyed) socket.write(more, () => setImmediate(go));
      };
      go();
    },
    outcome: malformed,
  },
  {
    name: 'one header line without end',
    answer: ({ socket }) => {
      const go = () => {
        if (!socket.destroyed) socket.write('x'.repeat(16_384), () => setImmediate(go));
      };
      socket.write('HTTP/1.1 200 OK\r\nX: ');
      go();
    },
    outcome: malformed,
  },
  {
    name: 'interim answers without end',
    answer: ({ socket }) => {
      const more = 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(200);
      const go = () => {
        if (!socket.destroyed) socket.write(more, () => setImmediate(go));
      };
      go();
    },
    outcome: malformed,
  },
  {
    name: 'a few interim answers, then the content',
    answer: (ask) => {
      ask.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      ask.socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n');
      ask.socket.write(honest(ask));
    },
    outcome: content,
  },
  {
    name: 'two lengths that differ',
    answer: (ask) => ask.socket.write(spoilt('\r\n', '\r\nContent-Length: 7\r\n')(ask)),
    outcome: malformed,
  },
  {
    name: 'the same length twice',
    answer: (ask) => {
      const line = /Content-Length: \d+\r\n/.exec(honest(ask).toString('latin1'))?.[0] ?? '';
      ask.socket.write(spoilt(line, line + line)(ask));
    },
    outcome: malformed,
  },
  ...['-5', '+300000', '0x493e0', '300000abc', '9'.repeat(30), '1.5e5', ''].map((length) => ({
    name: `a length of ${JSON.stringify(length)}`,
    answer: (ask: Parameters<typeof honest>[0]) =>
      ask.socket.end(spoilt(/Content-Length: \d+/, `Content-Length: ${length}`)(ask)),
    outcome: malformed,
  })),
  {
    name: 'a length beside chunks: which of them holds?',
    answer: ({ socket }) => {
      const fields = { 'Content-Length': 5, 'Transfer-Encoding': 'chunked' };
      socket.end(message('200 OK', fields, '0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'));
    },
    outcome: malformed,
  },
  {
    name: 'an unknown transfer coding',
    answer: ({ socket }) => socket.end(whole({ 'Transfer-Encoding': 'gzip' })),
    outcome: [...malformed, 'SourceEncoded', 'SourceTruncated'],
  },
  {
    name: 'a folded header line',
    answer: (ask) => ask.socket.write(spoilt('ETag', 'X-Long: a\r\n b\r\nETag')(ask)),
    outcome: malformed,
  },
  {
    name: 'a blank before the colon',
    answer: (ask) => ask.socket.write(spoilt('Content-Length:', 'Content-Length :')(ask)),
    outcome: malformed,
  },
  {
    name: 'a NUL in a header',
    answer: (ask) => ask.socket.write(spoilt('"v1"', '"v\0"')(ask)),
    outcome: malformed,
  },
  {
    name: 'a line without a colon',
    answer: (ask) => ask.socket.write(spoilt('ETag', 'nonsense\r\nETag')(ask)),
    outcome: malformed,
  },
  {
    name: 'lines that end in LF only',
    answer: ({ socket }) => socket.end('HTTP/1.1 200 OK\nContent-Length: 4\n\nevil'),
    outcome: ['SourceMalformed', 'SourceReset'],
  },
  ...['HTTP/0.9 200 OK', 'HTTP/2.0 200 OK', 'HTTP/7.3 200 OK', 'http/1.1 200 OK', 'ICY 200 OK'].map(
    (line) => ({
      name: `a status line of ${line}`,
      answer: (ask: Parameters<typeof honest>[0]) =>
        ask.socket.end(spoilt('HTTP/1.1 206 Partial Content', line)(ask)),
      outcome: malformed,
    }),
  ),
  ...['HTTP/1.1 99 No', 'HTTP/1.1 1000 No', 'HTTP/1.1 20 OK', 'HTTP/1.1 2OO OK'].map((line) => ({
    name: `a status of ${line.slice(9)}`,
    answer: (ask: Parameters<typeof honest>[0]) =>
      ask.socket.end(spoilt('HTTP/1.1 206 Partial Content', line)(ask)),
    outcome: malformed,
  })),
  {
    name: 'a body without a head (HTTP/0.9)',
    answer: ({ socket }) => socket.end(content),
    outcome: malformed,
  },
  {
    name: 'HTTP/1.0 with a length',
    answer: ({ socket }) =>
      socket.end(spoilt('HTTP/1.1', 'HTTP/1.0')({ range: undefined } as never)),
    outcome: content,
  },
  {
    name: 'HTTP/1.0 that ends with the connection',
    answer: ({ socket }) => {
      socket.write('HTTP/1.0 200 OK\r\nContent-Type: application/x-iso\r\n\r\n');
      socket.end(content);
    },
    outcome: content,
  },
  {
    name: 'cookies by the hundred',
    answer: (ask) => {
      const cookies = 'Set-Cookie: a=b; Path=/\r\n'.repeat(300);
      ask.socket.write(spoilt('ETag', `${cookies}ETag`)(ask));
    },
    outcome: content,
  },
];
