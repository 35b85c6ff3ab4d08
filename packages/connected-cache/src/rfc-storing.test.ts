/** RFC 9111 §3 and §4: what is kept, for whom, how it is checked and renewed. */
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
const later = 'Mon, 07 Nov 1994 08:49:37 GMT';
const earlier = 'Sat, 05 Nov 1994 08:49:37 GMT';
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

const checking: Case[] = [
  [
    '9111 §4.3.4',
    'a 304 renews the headers that are kept',
    [
      { source: ok(`${tagged}\nX-A: old\nX-B: stays`), is: 200 },
      {
        after: 61,
        source: 'HTTP/1.1 304 Not Modified\nETag: "1"\nX-A: new\nCache-Control: max-age=600\n\n',
        is: 200,
        has: 'X-A: new\nX-B: stays\nCache-Control: max-age=600',
      },
      { after: 599, is: 200, has: 'X-Cache: HIT\nX-A: new' },
    ],
  ],
  [
    '9111 §4.3.4',
    'but not those of the body',
    [
      { source: ok(tagged), is: 200 },
      {
        after: 61,
        source:
          'HTTP/1.1 304 Not Modified\nETag: "1"\nContent-Length: 999\nContent-Range: bytes 0-1/2\n\n',
        is: 200,
        body: 'hello',
        has: 'Content-Length: 5\n-Content-Range',
      },
    ],
  ],
  [
    '9111 §4.3.3',
    'a 200 with the same ETag is the same',
    [
      { source: ok(tagged), is: 200 },
      { after: 61, source: ok(tagged), is: 200, body: 'hello', has: 'X-Cache: REVALIDATED' },
    ],
  ],
  [
    '9111 §4.3.3',
    'another ETag is another object',
    [
      { source: ok(tagged), is: 200 },
      {
        after: 61,
        source: ok('ETag: "2"', 'fresh'),
        is: 200,
        body: 'fresh',
        has: 'X-Cache: MISS\nETag: "2"',
      },
      { is: 200, body: 'fresh', has: 'X-Cache: HIT' },
    ],
  ],
  [
    '9111 §4.3.3',
    'another length, too',
    [
      { source: ok(`Last-Modified: ${modified}\nCache-Control: max-age=60`), is: 200 },
      { after: 61, source: ok(`Last-Modified: ${modified}`, 'hello!'), is: 200, body: 'hello!' },
    ],
  ],
  [
    '9111 §4.3.1',
    'without an ETag by its date',
    [
      { source: ok(`Last-Modified: ${modified}\nCache-Control: max-age=60`), is: 200 },
      {
        after: 61,
        source: 'HTTP/1.1 304 Not Modified\n\n',
        is: 200,
        has: 'X-Cache: REVALIDATED',
        asked: `If-Modified-Since: ${modified}\n-If-None-Match`,
      },
    ],
  ],
  [
    '9111 §4.3.3',
    'a 404 to the check ends it',
    [
      { source: ok(tagged), is: 200 },
      { after: 61, source: 'HTTP/1.1 404 Gone\nContent-Length: 4\n\ngone', is: 404, body: 'gone' },
      { source: ok('ETag: "2"'), is: 200, has: 'X-Cache: MISS' },
    ],
  ],
  [
    '9111 §4.3.3',
    'a 500 to the check does not',
    [
      { source: ok(tagged), is: 200 },
      { after: 61, source: 'HTTP/1.1 500 No\nContent-Length: 0\n\n', is: 502 },
      { source: 'HTTP/1.1 304 Not Modified\nETag: "1"\n\n', is: 200, has: 'X-Cache: REVALIDATED' },
    ],
  ],
  [
    '9111 §4.3.5',
    'HEAD renews what is kept',
    [
      { source: ok(`${tagged}\nX-A: old`), is: 200 },
      {
        after: 61,
        method: 'HEAD',
        source:
          'HTTP/1.1 200 OK\nETag: "1"\nContent-Length: 5\nX-A: new\nCache-Control: max-age=60\n\n',
        is: 200,
        body: '',
        has: 'X-A: new\nContent-Length: 5',
      },
      { after: 50, is: 200, body: 'hello', has: 'X-Cache: HIT\nX-A: new' },
    ],
  ],
  [
    '9111 §4.3.5',
    'or shows that it is no more',
    [
      { source: ok(tagged), is: 200 },
      {
        after: 61,
        method: 'HEAD',
        source: 'HTTP/1.1 200 OK\nETag: "2"\nContent-Length: 6\n\n',
        is: 200,
        has: 'Content-Length: 6\nETag: "2"',
      },
      { source: ok('ETag: "2"', 'fresh!'), is: 200, body: 'fresh!' },
    ],
  ],
  [
    '9110 §9.3.2',
    'HEAD is answered from what is kept',
    [first, { method: 'HEAD', is: 200, body: '', has: 'X-Cache: HIT\nContent-Length: 5' }],
  ],
];

const cond = (ask: string, is: number, body?: string): Case[2] => [
  first,
  { ask, is, ...(body !== undefined && { body }) },
];
const conditions: Case[] = [
  [
    '9110 §13.1.2',
    'If-None-Match of the same',
    [first, { ask: 'If-None-Match: "1"', is: 304, body: '', has: 'ETag: "1"\n-Content-Length' }],
  ],
  ['9110 §13.1.2', 'is compared weakly', cond('If-None-Match: W/"1"', 304)],
  ['9110 §13.1.2', 'one of several', cond('If-None-Match: "0", "1"', 304)],
  ['9110 §13.1.2', 'any', cond('If-None-Match: *', 304)],
  ['9110 §13.1.2', 'another', cond('If-None-Match: "2"', 200, 'hello')],
  ['9110 §13.1.3', 'If-Modified-Since the same date', cond(`If-Modified-Since: ${modified}`, 304)],
  ['9110 §13.1.3', 'a later one', cond(`If-Modified-Since: ${later}`, 304)],
  ['9110 §13.1.3', 'an earlier one', cond(`If-Modified-Since: ${earlier}`, 200)],
  ['9110 §13.1.3', 'no date', cond('If-Modified-Since: yesterday', 200)],
  [
    '9110 §13.1.3',
    'does not count beside If-None-Match',
    cond(`If-None-Match: "2"\nIf-Modified-Since: ${later}`, 200),
  ],
  ['9110 §13.1.1', 'If-Match of the same', cond('If-Match: "1"', 200)],
  ['9110 §13.1.1', 'any', cond('If-Match: *', 200)],
  ['9110 §13.1.1', 'is compared strongly', cond('If-Match: W/"1"', 412)],
  ['9110 §13.1.1', 'another', cond('If-Match: "2"', 412)],
  ['9110 §13.1.4', 'If-Unmodified-Since', cond(`If-Unmodified-Since: ${modified}`, 200)],
  ['9110 §13.1.4', 'changed after it', cond(`If-Unmodified-Since: ${earlier}`, 412)],
  [
    '9110 §13.1.4',
    'does not count beside If-Match',
    cond(`If-Match: "1"\nIf-Unmodified-Since: ${earlier}`, 200),
  ],
  ['9110 §13.2.2', 'If-Match before If-None-Match', cond('If-Match: "2"\nIf-None-Match: "1"', 412)],
  [
    '9110 §13.2.2',
    'a condition before the range',
    cond('If-None-Match: "1"\nRange: bytes=0-1', 304),
  ],
  ['9110 §13.1.5', 'If-Range of the same', cond('If-Range: "1"\nRange: bytes=0-1', 206, 'he')],
  ['9110 §13.1.5', 'another', cond('If-Range: "2"\nRange: bytes=0-1', 200, 'hello')],
  ['9110 §13.1.5', 'a weak one never', cond('If-Range: W/"1"\nRange: bytes=0-1', 200, 'hello')],
  ['9110 §13.1.5', 'the same date', cond(`If-Range: ${modified}\nRange: bytes=0-1`, 206, 'he')],
  ['9110 §13.1.5', 'another date', cond(`If-Range: ${later}\nRange: bytes=0-1`, 200)],
];

for (const [name, cases] of Object.entries({ storing, varying, checking, conditions })) {
  test(name, (t) => runCases(t, cases));
}
