/** RFC 9111 §3 and §4: what is kept, and for whom. */
import { test } from 'node:test';
import { type Case, runCases } from './testing/rfc/case.ts';

const ok = (lines = '', body = 'hello') =>
  `HTTP/1.1 200 OK\nContent-Length: ${body.length}\n${lines === '' ? '' : `${lines}\n`}\n${body}`;
const kept = (lines: string) => [
  { source: ok(lines), is: 200, body: 'hello', has: 'X-Cache: MISS' },
  { is: 200, body: 'hello', has: 'X-Cache: HIT' },
];
/** The first answer is asked for twice: once to see what it is, once for the client. */
const passed = (lines: string) => [
  { source: [ok(lines), ok(lines)], is: 200, body: 'hello', has: 'X-Cache: MISS' },
  { source: ok(lines), is: 200, body: 'hello', has: 'X-Cache: MISS' },
];
const tagged = 'ETag: "1"\nCache-Control: max-age=60';
const modified = 'Sun, 06 Nov 1994 08:49:37 GMT';
const first = { source: ok(`${tagged}\nLast-Modified: ${modified}`), is: 200 };

const storing: Case[] = [
  ['9111 §3', 'a strong ETag will do', kept('ETag: "1"')],
  ['9111 §3', 'Last-Modified will do', kept(`Last-Modified: ${modified}`)],
  ['9111 §3', 'what cannot be known again is passed', passed('Cache-Control: max-age=60')],
  ['9110 §8.8.1', 'a weak ETag names no bytes', passed('ETag: W/"1"\nCache-Control: max-age=60')],
  [
    '9110 §8.8.1',
    'but does not spoil Last-Modified',
    kept(`ETag: W/"1"\nLast-Modified: ${modified}`),
  ],
  ['9111 §5.2.2.5', 'no-store', passed('ETag: "1"\nCache-Control: no-store')],
  ['9111 §5.2.2.7', 'private', passed('ETag: "1"\nCache-Control: private, max-age=60')],
  [
    '9111 §5.2.2.7',
    'private with fields is private',
    passed('ETag: "1"\nCache-Control: private="x-a"'),
  ],
  [
    '9111 §5.2.2.3',
    'must-understand outdoes no-store',
    kept('ETag: "1"\nCache-Control: no-store, must-understand, max-age=60'),
  ],
  [
    '9111 §5.2.2.4',
    'no-cache is kept and always checked',
    [
      { source: ok('ETag: "1"\nCache-Control: no-cache'), is: 200 },
      {
        source: 'HTTP/1.1 304 Not Modified\nETag: "1"\n\n',
        is: 200,
        body: 'hello',
        has: 'X-Cache: REVALIDATED',
      },
    ],
  ],
  [
    '9111 §5.2.2.4',
    'with fields, too',
    [
      { source: ok('ETag: "1"\nCache-Control: no-cache="x-a", max-age=60'), is: 200 },
      { source: 'HTTP/1.1 304 Not Modified\nETag: "1"\n\n', is: 200, has: 'X-Cache: REVALIDATED' },
    ],
  ],
  ['9111 §7.3', 'who sets cookies speaks to one', passed('ETag: "1"\nSet-Cookie: a=b')],
  [
    '9111 §3.5',
    'an answer to credentials is not kept',
    [
      {
        ask: 'Authorization: Basic YTpi',
        source: ok(tagged),
        is: 200,
        asked: 'Authorization: Basic YTpi',
      },
      { source: ok(tagged), is: 200, has: 'X-Cache: MISS', asked: '-Authorization' },
    ],
  ],
  [
    '9111 §3.5',
    'what is public serves also those',
    [
      { source: ok('ETag: "1"\nCache-Control: public, max-age=60'), is: 200 },
      { ask: 'Authorization: Basic YTpi', is: 200, body: 'hello', has: 'X-Cache: HIT' },
    ],
  ],
  [
    '9111 §3.5',
    's-maxage says that, too',
    [
      { source: ok('ETag: "1"\nCache-Control: s-maxage=60'), is: 200 },
      { ask: 'Authorization: Basic YTpi', is: 200, has: 'X-Cache: HIT' },
    ],
  ],
  [
    '9111 §3.5',
    'what is not public does not',
    [
      { source: ok(tagged), is: 200 },
      { ask: 'Authorization: Basic YTpi', source: ok(tagged, 'yours'), is: 200, body: 'yours' },
    ],
  ],
  [
    '9111 §3',
    'a 404 is not kept',
    [
      { source: 'HTTP/1.1 404 Not Found\nContent-Length: 2\n\nno', is: 404, body: 'no' },
      { source: ok(tagged), is: 200, has: 'X-Cache: MISS' },
    ],
  ],
  [
    '9111 §3',
    'nor a 500',
    [
      { source: 'HTTP/1.1 500 No\nContent-Length: 2\n\nno', is: 502 },
      { source: ok(tagged), is: 200, has: 'X-Cache: MISS' },
    ],
  ],
  [
    '9110 §15.3.5',
    'a 204 is passed',
    [
      {
        source: ['HTTP/1.1 204 None\nETag: "1"\n\n', 'HTTP/1.1 204 None\nETag: "1"\n\n'],
        is: 204,
        body: '',
      },
    ],
  ],
  [
    '9111 §4',
    'the query is part of the key',
    [
      { path: '?a=1', source: ok(tagged), is: 200 },
      { path: '?a=2', source: ok(tagged, 'other'), is: 200, body: 'other' },
      { path: '?a=1', is: 200, body: 'hello', has: 'X-Cache: HIT' },
    ],
  ],
  [
    '9111 §4.4',
    'unsafe methods are refused, and do no harm',
    [
      first,
      { method: 'POST', ask: 'Content-Length: 0', is: 405, has: 'Allow: GET, HEAD' },
      { method: 'DELETE', is: 405 },
      { is: 200, has: 'X-Cache: HIT' },
    ],
  ],
];

const varying: Case[] = [
  ['9111 §4.1', 'Vary on what we send ourselves', kept(`${tagged}\nVary: Accept-Encoding`)],
  [
    '9111 §4.1',
    'another value is another answer',
    [
      { source: ok(`${tagged}\nVary: Accept-Language`), is: 200 },
      {
        ask: 'Accept-Language: de',
        source: ok(tagged, 'hallo'),
        is: 200,
        body: 'hallo',
        asked: 'Accept-Language: de',
      },
      { is: 200, body: 'hello', has: 'X-Cache: HIT' },
    ],
  ],
  [
    '9111 §4.1',
    'names in any case, in a list',
    [
      { source: ok(`${tagged}\nVary: accept-encoding, ACCEPT-LANGUAGE`), is: 200 },
      { ask: 'accept-language: de', source: ok(tagged, 'hallo'), is: 200, body: 'hallo' },
    ],
  ],
  ['9111 §4.1', 'Vary: * matches nothing', passed(`${tagged}\nVary: *`)],
  ['9111 §4.1', 'also among others', passed(`${tagged}\nVary: Accept, *`)],
];

for (const [name, cases] of Object.entries({ storing, varying })) {
  test(name, (t) => runCases(t, cases));
}
