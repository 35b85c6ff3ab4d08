/** RFC 9111 and 5861: what clients say of kept answers, and what may be given stale. */
import { test } from 'node:test';
import { type Case, runCases } from './testing/rfc/case.ts';

/** A 200 of five bytes with an ETag and these header lines. */
const ok = (lines = '', body = 'hello') =>
  `HTTP/1.1 200 OK\nETag: "1"\nContent-Length: ${body.length}\n${lines === '' ? '' : `${lines}\n`}\n${body}`;
const unchanged = (lines = '') => `HTTP/1.1 304 Not Modified\nETag: "1"\n${lines}\n\n`;
const first = (lines: string) => ({ source: ok(lines), is: 200, has: 'X-Cache: MISS' });
const hit = (after = 0, ask = '') => ({ after, ask, is: 200, body: 'hello', has: 'X-Cache: HIT' });
const checked = (after: number, ask = '', lines = '') => ({
  after,
  ask,
  source: unchanged(lines),
  is: 200,
  body: 'hello',
  has: 'X-Cache: REVALIDATED',
  asked: 'If-None-Match: "1"',
});
const stale = (after: number, ask = '') => ({
  after,
  ask,
  is: 200,
  body: 'hello',
  has: 'X-Cache: STALE',
});

const clients: Case[] = [
  [
    '9111 §5.2.1.1',
    'max-age of the client',
    [first('Cache-Control: max-age=60'), hit(9, 'Cache-Control: max-age=10')],
  ],
  [
    '9111 §5.2.1.1',
    'too old for it',
    [first('Cache-Control: max-age=60'), checked(12, 'Cache-Control: max-age=10')],
  ],
  [
    '9111 §5.2.1.1',
    'max-age=0 always asks',
    [first('Cache-Control: max-age=60'), checked(0, 'Cache-Control: max-age=0')],
  ],
  [
    '9111 §5.2.1.3',
    'min-fresh',
    [first('Cache-Control: max-age=60'), hit(30, 'Cache-Control: min-fresh=29')],
  ],
  [
    '9111 §5.2.1.3',
    'not fresh for long enough',
    [first('Cache-Control: max-age=60'), checked(31, 'Cache-Control: min-fresh=30')],
  ],
  [
    '9111 §5.2.1.2',
    'max-stale',
    [first('Cache-Control: max-age=60'), stale(69, 'Cache-Control: max-stale=10')],
  ],
  [
    '9111 §5.2.1.2',
    'too stale',
    [first('Cache-Control: max-age=60'), checked(72, 'Cache-Control: max-stale=10')],
  ],
  [
    '9111 §5.2.1.2',
    'any staleness',
    [first('Cache-Control: max-age=60'), stale(9999, 'Cache-Control: max-stale')],
  ],
  [
    '9111 §5.2.1.4',
    'no-cache asks',
    [first('Cache-Control: max-age=60'), checked(0, 'Cache-Control: no-cache')],
  ],
  [
    '9111 §5.4',
    'Pragma: no-cache, too',
    [first('Cache-Control: max-age=60'), checked(0, 'Pragma: no-cache')],
  ],
  [
    '9111 §5.4',
    'unless there is Cache-Control',
    [first('Cache-Control: max-age=60'), hit(0, 'Pragma: no-cache\nCache-Control: max-age=50')],
  ],
  [
    '9111 §5.2.1.5',
    'no-store keeps nothing',
    [
      { ask: 'Cache-Control: no-store', source: ok('Cache-Control: max-age=60'), is: 200 },
      first('Cache-Control: max-age=60'),
    ],
  ],
  [
    '9111 §5.2.1.7',
    'only-if-cached is not asked for',
    [{ ask: 'Cache-Control: only-if-cached', is: 504 }],
  ],
  ['9111 §5.2.1.7', 'and gets what there is', [first(''), hit(0, 'Cache-Control: only-if-cached')]],
  [
    '9111 §5.2.1.7',
    'not what is stale',
    [
      first('Cache-Control: max-age=60'),
      { after: 61, ask: 'Cache-Control: only-if-cached', is: 504 },
    ],
  ],
  [
    '9111 §5.2.1.7',
    'unless that will do',
    [first('Cache-Control: max-age=60'), stale(61, 'Cache-Control: only-if-cached, max-stale')],
  ],
];

const staleness: Case[] = [
  [
    '5861 §3',
    'stale-while-revalidate answers and asks beside it',
    [
      first('Cache-Control: max-age=60, stale-while-revalidate=30'),
      { ...stale(70), source: unchanged('Cache-Control: max-age=60') },
      hit(1),
    ],
  ],
  [
    '5861 §3',
    'not after its time',
    [first('Cache-Control: max-age=60, stale-while-revalidate=30'), checked(91)],
  ],
  [
    '5861 §4',
    'stale-if-error covers 5xx',
    [
      first('Cache-Control: max-age=60, stale-if-error=30'),
      { ...stale(70), source: 'HTTP/1.1 503 Busy\nContent-Length: 0\n\n' },
    ],
  ],
  [
    '5861 §4',
    'not after its time',
    [
      first('Cache-Control: max-age=60, stale-if-error=30'),
      { after: 91, source: 'HTTP/1.1 503 Busy\nContent-Length: 0\n\n', is: 502 },
    ],
  ],
  [
    '5861 §4',
    'of the client, too',
    [
      first('Cache-Control: max-age=60'),
      {
        ...stale(70, 'Cache-Control: stale-if-error=30'),
        source: 'HTTP/1.1 500 No\nContent-Length: 0\n\n',
      },
    ],
  ],
  [
    '9111 §4.2.4',
    'a source that cannot be reached: what there is',
    [first('Cache-Control: max-age=60'), { ...stale(70), source: ['{close}', '{close}'] }],
  ],
  [
    '9111 §5.2.2.2',
    'must-revalidate forbids all of that',
    [
      first('Cache-Control: max-age=60, must-revalidate, stale-if-error=99'),
      { after: 70, source: ['{close}', '{close}'], is: 502 },
    ],
  ],
  [
    '9111 §5.2.2.2',
    'also against max-stale',
    [first('Cache-Control: max-age=60, must-revalidate'), checked(70, 'Cache-Control: max-stale')],
  ],
  [
    '9111 §5.2.2.8',
    'proxy-revalidate is the same here',
    [first('Cache-Control: max-age=60, proxy-revalidate'), checked(70, 'Cache-Control: max-stale')],
  ],
  [
    '9111 §5.2.2.10',
    's-maxage, too',
    [
      first('Cache-Control: s-maxage=60, stale-while-revalidate=99'),
      checked(70, 'Cache-Control: max-stale'),
    ],
  ],
];

for (const [name, cases] of Object.entries({ clients, staleness })) {
  test(name, (t) => runCases(t, cases));
}
