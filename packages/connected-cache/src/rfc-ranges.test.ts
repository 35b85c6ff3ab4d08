/** RFC 9110 §14: ranges, of clients and of the source. */
import { test } from 'node:test';
import { type Case, runCases } from './testing/rfc/case.ts';

const ok = (lines = '', body = '0123456789') =>
  `HTTP/1.1 200 OK\nETag: "1"\nContent-Length: ${body.length}\n${lines === '' ? '' : `${lines}\n`}\n${body}`;
const part = (start: number, end: number, body: string, total: number | '*' = 10) =>
  `HTTP/1.1 206 Partial Content\nETag: "1"\nContent-Length: ${body.length}\n` +
  `Content-Range: bytes ${start}-${end}/${total}\n\n${body}`;
const first = { source: ok('Content-Type: a/b'), is: 200 };
const range = (what: string, is: number, body: string, has = ''): Case[2] => [
  first,
  { ask: `Range: ${what}`, is, body, ...(has !== '' && { has }) },
];

const ranges: Case[] = [
  [
    '9110 §14.2',
    'the first bytes',
    range('bytes=0-1', 206, '01', 'Content-Range: bytes 0-1/10\nContent-Length: 2'),
  ],
  [
    '9110 §14.2',
    'from the middle on',
    range('bytes=7-', 206, '789', 'Content-Range: bytes 7-9/10'),
  ],
  ['9110 §14.1.2', 'the last ones', range('bytes=-2', 206, '89', 'Content-Range: bytes 8-9/10')],
  ['9110 §14.1.2', 'more of the last than there are', range('bytes=-99', 206, '0123456789')],
  ['9110 §14.1.2', 'beyond the end is cut', range('bytes=8-99', 206, '89')],
  [
    '9110 §15.5.17',
    'none that there is',
    [first, { ask: 'Range: bytes=10-', is: 416, has: 'Content-Range: bytes */10' }],
  ],
  ['9110 §14.1.2', 'none of the last', [first, { ask: 'Range: bytes=-0', is: 416 }]],
  ['9110 §14.2', 'backwards is ignored', range('bytes=5-2', 200, '0123456789')],
  ['9110 §14.2', 'another unit is ignored', range('lines=1-2', 200, '0123456789')],
  ['9110 §14.2', 'nonsense is ignored', range('bytes=a-b', 200, '0123456789')],
  [
    '9110 §14.2',
    'HEAD has no ranges',
    [first, { method: 'HEAD', ask: 'Range: bytes=0-1', is: 200, has: 'Content-Length: 10' }],
  ],
  [
    '9110 §15.3.7.2',
    'several are several parts',
    [
      first,
      {
        ask: 'Range: bytes=0-1,8-9',
        is: 206,
        has: 'Content-Type: ~^multipart/byteranges; boundary=',
      },
    ],
  ],
  ['9110 §14.2', 'those that touch are one', range('bytes=0-1,2-4', 206, '01234')],
  ['9110 §14.2', 'those that overlap, too', range('bytes=3-6,0-4', 206, '0123456')],
  ['9110 §15.5.17', 'one that does not fit is left out', range('bytes=0-1,50-60', 206, '01')],
  [
    '9110 §14.2',
    'very many are all',
    range(`bytes=${Array.from({ length: 99 }, () => '0-0').join()}`, 200, '0123456789'),
  ],
  [
    '9111 §3.4',
    'a 206 of all serves as the whole',
    [
      { source: part(0, 9, '0123456789'), is: 200, body: '0123456789', has: 'Content-Length: 10' },
      { ask: 'Range: bytes=2-3', is: 206, body: '23', has: 'X-Cache: HIT' },
    ],
  ],
  ['9110 §14.4', 'a 206 of other bytes is refused', [{ source: part(1, 9, '123456789'), is: 502 }]],
  [
    '9110 §14.4',
    'a 206 that does not say which',
    [{ source: 'HTTP/1.1 206 P\nETag: "1"\nContent-Length: 1\n\n0', is: 502 }],
  ],
  [
    '9110 §14.4',
    'one of unknown length is passed',
    [{ source: [part(0, 9, '0123456789', '*'), ok()], is: 200, body: '0123456789' }],
  ],
];

for (const [name, cases] of Object.entries({ ranges })) {
  test(name, (t) => runCases(t, cases));
}
