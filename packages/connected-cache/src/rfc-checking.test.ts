/** RFC 9111 §4.3 and 9110 §13: how what is kept is checked and renewed, and the conditions of clients. */
import { test } from 'node:test';
import { type Case, runCases } from './testing/rfc/case.ts';

const ok = (lines = '', body = 'hello') =>
  `HTTP/1.1 200 OK\nContent-Length: ${body.length}\n${lines === '' ? '' : `${lines}\n`}\n${body}`;
const tagged = 'ETag: "1"\nCache-Control: max-age=60';
const modified = 'Sun, 06 Nov 1994 08:49:37 GMT';
const later = 'Mon, 07 Nov 1994 08:49:37 GMT';
const earlier = 'Sat, 05 Nov 1994 08:49:37 GMT';
const first = { source: ok(`${tagged}\nLast-Modified: ${modified}`), is: 200 };

const cond = (ask: string, is: number, body?: string): Case[2] => [
  first,
  { ask, is, ...(body !== undefined && { body }) },
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

for (const [name, cases] of Object.entries({ checking, conditions })) {
  test(name, (t) => runCases(t, cases));
}
