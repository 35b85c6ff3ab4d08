/** RFC 9112 and 9110 §7: how bodies end, and what is passed on of headers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceAndNode } from './testing/harness.ts';
import { rawExchange } from './testing/raw-client.ts';
import { type Case, runCases } from './testing/rfc/case.ts';

const ok = (lines = '', body = '0123456789') =>
  `HTTP/1.1 200 OK\nETag: "1"\nContent-Length: ${body.length}\n${lines === '' ? '' : `${lines}\n`}\n${body}`;

const framing: Case[] = [
  [
    '9112 §7.1',
    'chunked is read right',
    [
      {
        source: Array(2).fill(
          'HTTP/1.1 200 OK\nETag: "1"\nTransfer-Encoding: chunked\n\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n',
        ),
        is: 200,
        has: '-Trailer',
      },
    ],
  ],
  [
    '9112 §7.1',
    'an error in chunks, too',
    [
      {
        source: 'HTTP/1.1 404 No\nTransfer-Encoding: chunked\n\n4\r\nnone\r\n0\r\n\r\n',
        is: 404,
        body: 'none',
        has: 'Content-Length: 4\n-Transfer-Encoding',
      },
    ],
  ],
  [
    '9112 §7.1',
    'chunks that are none are cut',
    [{ source: Array(2).fill('HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nxyz\r\n'), is: 0 }],
  ],
  [
    '9112 §6.3',
    'both lengths are refused',
    [
      {
        source:
          'HTTP/1.1 200 OK\nETag: "1"\nContent-Length: 3\nTransfer-Encoding: chunked\n\n0\r\n\r\n',
        is: 502,
      },
    ],
  ],
  [
    '9112 §6.3',
    'two different lengths, too',
    [
      {
        source: 'HTTP/1.1 200 OK\nETag: "1"\nContent-Length: 3\nContent-Length: 4\n\nabc',
        is: 502,
      },
    ],
  ],
  [
    '9112 §6.3',
    'a length that is none',
    [{ source: 'HTTP/1.1 200 OK\nETag: "1"\nContent-Length: +3\n\nabc', is: 502 }],
  ],
  [
    '9112 §6.3',
    'a coding that nobody asked for',
    [{ source: 'HTTP/1.1 200 OK\nETag: "1"\nTransfer-Encoding: gzip\n\nabc', is: 502 }],
  ],
  [
    '9112 §8',
    'a body that ends too early is cut',
    [
      {
        source: Array(4).fill('HTTP/1.1 200 OK\nETag: "1"\nContent-Length: 99\n\nshort{close}'),
        is: 0,
      },
    ],
  ],
  [
    '9112 §9.2',
    'bytes after the body belong to nothing',
    [
      {
        source: 'HTTP/1.1 200 OK\nETag: "1"\nContent-Length: 3\n\nabcHTTP/1.1 200 OK\r\n\r\nevil',
        is: 200,
        body: 'abc',
      },
      { path: 'b', source: ok('', 'right'), is: 200, body: 'right' },
    ],
  ],
  [
    '9112 §6.3',
    'a body until the end of the connection',
    [{ source: Array(2).fill('HTTP/1.0 200 OK\nETag: "1"\n\nall of it{close}'), is: 200 }],
  ],
  [
    '9112 §9.3',
    'HTTP/1.0 with a length is kept',
    [
      {
        source: 'HTTP/1.0 200 OK\nETag: "1"\nContent-Length: 3\n\nabc{close}',
        is: 200,
        body: 'abc',
      },
      { is: 200, body: 'abc', has: 'X-Cache: HIT' },
    ],
  ],
  [
    '9110 §15.2',
    'interim answers are passed over',
    [
      {
        source:
          'HTTP/1.1 103 Early Hints\nLink: </x>\n\nHTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 3\r\n\r\nabc',
        is: 200,
        body: 'abc',
        has: '-Link',
      },
    ],
  ],
  [
    '9110 §8.4',
    'an encoded whole is passed, not kept',
    [
      {
        source: Array(2).fill(ok('Content-Encoding: gzip', 'zip')),
        is: 200,
        body: 'zip',
        has: 'Content-Encoding: gzip',
      },
      { source: ok('Content-Encoding: gzip', 'zap'), is: 200, body: 'zap' },
    ],
  ],
  [
    '9110 §15.3.5',
    'an empty object is kept',
    [
      { source: ok('', ''), is: 200, body: '' },
      { is: 200, body: '', has: 'X-Cache: HIT\nContent-Length: 0' },
    ],
  ],
  ['9112 §4', 'what is no HTTP is refused', [{ source: Array(1).fill('SSH-2.0-x\n\n'), is: 502 }]],
  [
    '9112 §5.1',
    'a space before the colon, too',
    [{ source: 'HTTP/1.1 200 OK\nETag : "1"\nContent-Length: 1\n\na', is: 502 }],
  ],
  [
    '9112 §5.2',
    'and folded lines',
    [{ source: 'HTTP/1.1 200 OK\nX-A: 1\n  2\nContent-Length: 1\n\na', is: 502 }],
  ],
];

const headers: Case[] = [
  [
    '9110 §7.6.1',
    'headers of one hop stay there',
    [
      {
        source: ok(
          'Connection: X-Hop, close\nX-Hop: 1\nKeep-Alive: timeout=5\nProxy-Authenticate: Basic\nUpgrade: h2c\nX-End: 1',
        ),
        is: 200,
        has: '-X-Hop\n-Proxy-Authenticate\n-Upgrade\nX-End: 1',
      },
      { is: 200, has: 'X-Cache: HIT\n-X-Hop\nX-End: 1' },
    ],
  ],
  [
    '9110 §7.6.1',
    'those of the client, too',
    [
      {
        ask: 'X-Hop: 1\nTE: trailers\nProxy-Authorization: Basic YTpi',
        source: ok(),
        is: 200,
        asked: '-X-Hop\n-TE\n-Proxy-Authorization',
      },
    ],
  ],
  [
    '9110 §7.6.3',
    "Via names the node, both ways; a client's own path is no part of what is fetched for all",
    [
      {
        ask: 'Via: 1.0 fred',
        source: ok('Via: 1.1 origin'),
        is: 200,
        has: 'Via: ~^1.1 origin, 1.1 sluice-',
        asked: 'Via: ~^1.1 sluice-',
      },
    ],
  ],
  [
    '9110 §6.5',
    'several headers of a name stay in order',
    [{ source: ok('Link: <a>\nLink: <b>'), is: 200, has: 'Link: <a>, <b>' }],
  ],
  [
    '9110 §10.1.5',
    "a client's cookies and ranges do not shape what is kept",
    [
      {
        ask: 'Cookie: a=b\nAccept-Encoding: gzip',
        source: ok(),
        is: 200,
        asked: '-Cookie\nAccept-Encoding: identity',
      },
    ],
  ],
  [
    '9110 §15.4.5',
    'a 304 says what a 200 would',
    [
      { source: ok('Cache-Control: max-age=60\nVary: Accept-Encoding\nX-Other: 1'), is: 200 },
      {
        ask: 'If-None-Match: "1"',
        is: 304,
        has: 'Cache-Control: max-age=60\nVary: Accept-Encoding\nETag: "1"\n-X-Other',
      },
    ],
  ],
  [
    '9110 §7.2',
    'the source gets its own name as Host',
    [{ source: ok(), is: 200, asked: 'Host: ~^127.0.0.1:' }],
  ],
  [
    '9530 §2',
    'a digest of one message is not that of another',
    [
      { source: ok('Content-Digest: sha-256=:x:\nRepr-Digest: sha-256=:y:'), is: 200 },
      { ask: 'Range: bytes=0-1', is: 206, has: '-Content-Digest\nRepr-Digest: sha-256=:y:' },
    ],
  ],
];

for (const [name, cases] of Object.entries({ framing, headers })) {
  test(name, (t) => runCases(t, cases));
}

test('9112 §9.3: a connection is kept, and pipelined requests are answered in order', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/a', { bytes: Buffer.from('first') });
  source.put('/b', { bytes: Buffer.from('second') });
  const ask = (path: string, more = '') =>
    `GET ${path} HTTP/1.1\r\nHost: ${source.host}\r\n${more}\r\n`;
  const text = await rawExchange(
    node.url,
    ask('/a') + ask('/b') + ask('/a', 'Connection: close\r\n'),
  );
  const bodies = text
    .split(/HTTP\/1\.1 200 OK\r\n/)
    .slice(1)
    .map((answer) => answer.split('\r\n\r\n')[1]);
  assert.deepEqual(bodies, ['first', 'second', 'first']);
});
