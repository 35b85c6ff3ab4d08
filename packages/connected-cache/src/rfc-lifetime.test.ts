/** RFC 9111: for how long an answer may be given. */
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
const lifetimes: Case[] = [
  ['9111 §4.2', 'max-age holds', [first('Cache-Control: max-age=60'), hit(59)]],
  ['9111 §4.2', 'and ends', [first('Cache-Control: max-age=60'), checked(60)]],
  [
    '9111 §4.2.1',
    's-maxage before max-age',
    [first('Cache-Control: max-age=5, s-maxage=60'), hit(59)],
  ],
  [
    '9111 §4.2.1',
    'also when it is shorter',
    [first('Cache-Control: max-age=60, s-maxage=5'), checked(6)],
  ],
  [
    '9111 §4.2.1',
    'max-age before Expires',
    [first('Cache-Control: max-age=60\nExpires: {now-10}'), hit(50)],
  ],
  ['9111 §4.2.1', 'Expires counts from Date', [first('Date: {now}\nExpires: {now+60}'), hit(55)]],
  ['9111 §4.2.1', 'Expires is over', [first('Date: {now}\nExpires: {now+60}'), checked(61)]],
  ['9111 §5.3', 'Expires that is no date is past', [first('Expires: 0'), checked(0)]],
  [
    '9111 §5.3',
    'Expires before Date is past',
    [first('Date: {now}\nExpires: {now-1}'), checked(0)],
  ],
  ['9111 §4.2.2', 'without any word it is fresh for a while', [first(''), hit(3600)]],
  ['9111 §4.2.2', 'but not for ever', [first(''), checked(25 * 3600)]],
  [
    '9111 §5.2',
    'names in any case, values in quotes',
    [first('Cache-Control: MAX-AGE="60"'), hit(59)],
  ],
  [
    '9111 §5.2',
    'unknown directives do not count',
    [first('Cache-Control: x=1, max-age=60, y'), hit(59)],
  ],
  [
    '9111 §4.2.1',
    'a max-age that is no number is none',
    [first('Cache-Control: max-age=soon'), checked(1)],
  ],
  ['9111 §4.2.1', 'a negative one neither', [first('Cache-Control: max-age=-60'), checked(1)]],
  [
    '9111 §5.2',
    'several Cache-Control lines are one',
    [first('Cache-Control: public\nCache-Control: max-age=60'), hit(59)],
  ],
  [
    '9111 §4.2.1',
    'of two max-age the first',
    [first('Cache-Control: max-age=60, max-age=5'), hit(30)],
  ],
  [
    '9111 §1.2.2',
    'a huge one does not overflow',
    [first('Cache-Control: max-age=9999999999'), hit(86_400)],
  ],
];

const ages: Case[] = [
  [
    '9111 §4.2.3',
    'Age of the source counts',
    [first('Cache-Control: max-age=60\nAge: 50'), checked(11)],
  ],
  ['9111 §4.2.3', 'and holds until then', [first('Cache-Control: max-age=60\nAge: 50'), hit(9)]],
  [
    '9111 §4.2.3',
    'an old Date counts',
    [first('Cache-Control: max-age=60\nDate: {now-50}'), checked(12)],
  ],
  [
    '9111 §4.2.3',
    'the larger of both',
    [first('Cache-Control: max-age=60\nDate: {now-5}\nAge: 50'), checked(11)],
  ],
  [
    '9111 §4.2.3',
    'a Date to come does not make it younger',
    [first('Cache-Control: max-age=60\nDate: {now+500}'), checked(61)],
  ],
  [
    '9111 §5.1',
    'Age is told, and grows',
    [
      { ...first('Cache-Control: max-age=60\nAge: 7'), has: 'Age: ~^7$' },
      { ...hit(20), has: 'Age: ~^2[78]$' },
    ],
  ],
  [
    '9111 §5.1',
    'an Age that is no number does not count',
    [first('Cache-Control: max-age=60\nAge: old'), hit(50)],
  ],
  [
    '9111 §5.1',
    'a check makes it young again',
    [
      first('Cache-Control: max-age=60'),
      { ...checked(70, '', 'Cache-Control: max-age=60'), has: 'Age: ~^[01]$' },
      hit(50),
    ],
  ],
  [
    '9110 §6.6.1',
    'who sends no Date is given that of the arrival',
    [{ ...first('Cache-Control: max-age=60'), has: 'Date: ~GMT$' }],
  ],
];

for (const [name, cases] of Object.entries({ lifetimes, ages })) {
  test(name, (t) => runCases(t, cases));
}
