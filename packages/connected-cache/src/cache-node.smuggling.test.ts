/**
 * Requests as attackers write them, byte by byte, each with what must become of it. A request that
 * others could read differently is answered once at the most, its connection ends, and nothing that
 * stands behind it is taken for a request.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { sourceAndNode } from './testing/harness.ts';
import { rawExchange, statusIn } from './testing/raw-client.ts';

const second = (host: string) => `GET /second HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

/** What stands between the request line with Host and the end; the statuses that are right. */
const framings: [what: string, head: string, body: string, statuses: number[]][] = [
  ['CL.TE', 'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\nG', [400]],
  [
    'TE.CL',
    'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
    '5c\r\nGPOST\r\n0\r\n\r\n',
    [400],
  ],
  ['TE.TE', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n', '0\r\n\r\n', [400]],
  ['TE with a tab', 'Transfer-Encoding:\tchunked\r\n', '0\r\n\r\n', [400]],
  ['TE with a space at its end', 'Transfer-Encoding: chunked \r\n', '0\r\n\r\n', [400]],
  ['TE identity', 'Transfer-Encoding: identity\r\n', '', [400]],
  ['TE in quotes', 'Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n', [400]],
  ['TE gzip, chunked', 'Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n', [400]],
  ['TE behind a vertical tab', 'Transfer-Encoding:\x0bchunked\r\n', '0\r\n\r\n', [400]],
  ['two lengths that differ', 'Content-Length: 0\r\nContent-Length: 9\r\n', '', [400]],
  ['two lengths that agree', 'Content-Length: 3\r\nContent-Length: 3\r\n', 'abc', [400]],
  ['a list of lengths', 'Content-Length: 0, 9\r\n', '', [400]],
  ['a length with a sign', 'Content-Length: +0\r\n', '', [400]],
  ['a negative length', 'Content-Length: -1\r\n', '', [400]],
  ['a hexadecimal length', 'Content-Length: 0x0\r\n', '', [400]],
  ['an endless length', `Content-Length: ${'9'.repeat(40)}\r\n`, '', [400]],
  ['a length in the name', 'Content-Length : 0\r\n', '', [400]],
  ['an odd chunk size', 'Transfer-Encoding: chunked\r\n', '0x0\r\n\r\n', [400]],
  ['a chunk extension', 'Transfer-Encoding: chunked\r\n', '0;a=b\r\n\r\n', [400]],
  ['a chunk size with bare LF', 'Transfer-Encoding: chunked\r\n', '0\n\n', [400]],
  ['a trailer', 'Transfer-Encoding: chunked\r\n', '0\r\nHost: evil\r\n\r\n', [400]],
  ['a folded line', 'X-A: 1\r\n\tb: 2\r\n', '', [400]],
  ['a folded first line', ' X-A: 1\r\n', '', [400]],
  ['a bare CR', 'X-A: 1\rX-B: 2\r\n', '', [400]],
  ['a bare LF in the value', 'X-A: 1\nX-B: 2\r\n', '', [400]],
  ['a NUL', 'X-A: a\0b\r\n', '', [400]],
  ['a line without a colon', 'Nonsense\r\n', '', [400]],
  ['an empty name', ': x\r\n', '', [400]],
  ['a name with a space', 'X A: x\r\n', '', [400]],
  ['a name in brackets', '(X): x\r\n', '', [400]],
  ['a second Host', 'Host: other.example\r\n', '', [400]],
  ['a second Host, the same', 'hOsT: SAME\r\n', '', [400]],
  ['Expect', 'Expect: 100-continue\r\nContent-Length: 1\r\n', 'x', [400, 417]],
  [
    'Upgrade to h2c',
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nContent-Length: 1\r\n',
    'x',
    [400],
  ],
];

/** Whole first lines. */
const lines: [what: string, line: string, statuses: number[]][] = [
  ['HTTP/2.0', 'GET /x HTTP/2.0', [400, 505]],
  ['HTTP/1.2', 'GET /x HTTP/1.2', [400, 505]],
  ['HTTP/1.10', 'GET /x HTTP/1.10', [400, 505]],
  ['lower case', 'GET /x http/1.1', [400]],
  ['no version', 'GET /x', [400]],
  ['a third word', 'GET /x y HTTP/1.1', [400]],
  ['a tab for the space', 'GET\t/x\tHTTP/1.1', [400]],
  ['a lower-case method', 'get /x HTTP/1.1', [400, 405]],
  ['no path', 'GET  HTTP/1.1', [400]],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0', [400, 405, 505]],
  ['CR in the path', 'GET /x\rHost:evil HTTP/1.1', [400]],
  ['an absolute form of another scheme', 'GET file:///etc/passwd HTTP/1.1', [400]],
  ['an absolute form with a user', 'GET http://u:p@127.0.0.1/x HTTP/1.1', [400]],
  ['the form of CONNECT', 'GET 127.0.0.1:80 HTTP/1.1', [400]],
  ['an asterisk', 'OPTIONS * HTTP/1.1', [400, 405]],
];

suite('requests in doubt', () => {
  test('framing and header lines', async (t) => {
    const { source, node } = await sourceAndNode(t);
    source.put('/x', { bytes: Buffer.from('x') });
    source.put('/second', { bytes: Buffer.from('smuggled') });
    for (const [what, head, body, statuses] of framings) {
      const text = `GET /x HTTP/1.1\r\nHost: ${source.host}\r\n${head}\r\n${body}${second(source.host)}`;
      const answer = await rawExchange(node.url, text);
      assert.ok(statuses.includes(statusIn(answer)), `${what}: ${answer.slice(0, 200)}`);
      assert.equal(answer.match(/HTTP\/1\.1 \d/g)?.length, 1, what);
      assert.doesNotMatch(answer, /smuggled/, what);
    }
    assert.equal(source.asked.length, 0);
  });

  test('request lines', async (t) => {
    const { source, node } = await sourceAndNode(t);
    source.put('/second', { bytes: Buffer.from('smuggled') });
    for (const [what, line, statuses] of lines) {
      const text = `${line}\r\nHost: ${source.host}\r\nConnection: close\r\n\r\n`;
      const answer = await rawExchange(node.url, text);
      assert.ok(statuses.includes(statusIn(answer)), `${what}: ${answer.slice(0, 200)}`);
    }
    assert.equal(source.asked.length, 0);
  });
});
