import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { headerIn, parsePlain, resolveRange } from './plain-request.ts';

const plain = ['Host: a.example', 'Range: bytes=5-9', 'User-Agent: DO/10', 'MS-CV: x.1'];
const headOf = (lines: string[], first = 'GET /f?x=1 HTTP/1.1') =>
  `${[first, ...lines].join('\r\n')}\r\n\r\n`;

test('reads the request of a device', () => {
  const text = headOf([...plain, 'Connection: Keep-Alive']);
  assert.deepEqual(parsePlain(text), {
    target: '/f?x=1',
    host: 'a.example',
    range: { first: 5, last: 9 },
    close: false,
    text,
  });
  assert.equal(parsePlain(headOf(['host:b', 'connection: close']))?.close, true);
  assert.equal(headerIn(text, 'user-agent'), 'DO/10');
  assert.equal(headerIn(text, 'referer'), undefined);
});

test('leaves to the HTTP server what could be understood in another way, or takes more than bytes', () => {
  const doubtful = [
    headOf(plain, 'HEAD /f HTTP/1.1'),
    headOf(plain, 'GET /f HTTP/1.0'),
    headOf(plain, 'GET http://a.example/f HTTP/1.1'),
    headOf(plain, 'GET  /f HTTP/1.1'),
    headOf(plain, 'GET /f\x80 HTTP/1.1'),
    headOf(plain).slice(0, -2),
    `${headOf(plain)}G`,
    `\r\n${headOf(plain)}`,
    headOf(plain).replaceAll('\r\n', '\n'),
    headOf([]),
  ];
  const lines = [
    'Host: b',
    'Range: bytes=0-1',
    'Content-Length: 0',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding : chunked',
    ' folded: x',
    '\tfolded: x',
    'X: a\rb',
    'X: a\nb',
    'X: a\0b',
    'X: \xe4',
    'no colon',
    'If-None-Match: "x"',
    'Cache-Control: no-cache',
    'Pragma: no-cache',
    'Authorization: Basic x',
    'Via: 1.1 x',
    'Connection: close, x',
    'Connection: upgrade',
    'Upgrade: h2c',
    'Expect: 100-continue',
    'Proxy-Authorization: x',
  ];
  for (const line of lines) doubtful.push(headOf([...plain, line]));
  for (const range of ['bytes=1-2,5-6', 'bytes=-', 'bytes=a-b', 'items=0-1', 'bytes=0-1 x']) {
    doubtful.push(headOf(['Host: a', `Range: ${range}`]));
  }
  for (const text of doubtful) assert.equal(parsePlain(text), undefined, JSON.stringify(text));
});

test('ranges: what is asked for, within the object, or nothing', () => {
  assert.deepEqual(resolveRange(undefined, 10), { start: 0, end: 10 });
  assert.deepEqual(resolveRange({ first: undefined, last: 3 }, 10), { start: 7, end: 10 });
  const end = fc.option(fc.nat(40), { nil: undefined });
  const wish = fc
    .record({ first: end, last: end })
    .filter((r) => Object.values(r).some((v) => v !== undefined));
  fc.assert(
    fc.property(wish, fc.nat(30), ({ first, last }, length) => {
      const range = resolveRange({ first, last }, length);
      const asked = Array.from({ length }, (_, i) => i).filter((i) =>
        first === undefined ? i >= length - last! : i >= first && i <= (last ?? length),
      );
      const got = range
        ? Array.from({ length: range.end - range.start }, (_, i) => i + range.start)
        : [];
      assert.deepEqual(got, first !== undefined && last !== undefined && last < first ? [] : asked);
    }),
  );
});
