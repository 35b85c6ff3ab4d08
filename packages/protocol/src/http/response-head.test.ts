import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isSluiceError } from '../errors/index.ts';
import { maxHeadLength, ReadAhead } from './read-ahead.ts';
import { type ResponseHead, takeHead } from './response-head.ts';

const url = 'http://h/';

/** Feeds bytes as a socket would: `sizes` are the reads, the last one repeated. */
function feed(bytes: Uint8Array, sizes: number[]): { head?: ResponseHead; left: number } {
  const ahead = new ReadAhead();
  let done = 0;
  for (let i = 0; done < bytes.length; i++) {
    const room = ahead.size > 0 ? ahead.tail : ahead.whole;
    const size = sizes[Math.min(i, sizes.length - 1)] ?? 1;
    const n = Math.min(size, room.length, bytes.length - done);
    room.set(bytes.subarray(done, done + n));
    ahead.landed(room, n);
    done += n;
    const head = takeHead(ahead, url);
    if (head) return { head, left: ahead.size + bytes.length - done };
  }
  return { left: ahead.size };
}

const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });
const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/);
const value = fc.stringMatching(/^[!-~\x80-\xff]([\t -~\x80-\xff]{0,30}[!-~\x80-\xff])?$/);

describe('response head', () => {
  it('is read the same however it is cut into reads', () => {
    const fields = fc.array(fc.tuple(token, value), { maxLength: 12 });
    const status = fc.integer({ min: 200, max: 999 });
    fc.assert(
      fc.property(fields, status, fc.string(), sizes, (given, code, rest, cuts) => {
        const lines = given.map(([n, v]) => `${n}:  ${v} \r\n`).join('');
        const body = Buffer.from(rest);
        const text = Buffer.from(`HTTP/1.1 ${code} Fine\r\n${lines}\r\n`, 'latin1');
        const { head, left } = feed(Buffer.concat([text, body]), cuts);
        assert.equal(head?.status, code);
        assert.equal(left, body.length);
        const expected = new Map<string, string>();
        for (const [n, v] of given) {
          const name = n.toLowerCase();
          const before = expected.get(name);
          expected.set(name, before === undefined ? v : `${before}, ${v}`);
        }
        assert.deepEqual(head.fields, expected);
      }),
      { numRuns: 500 },
    );
  });

  it('of garbage is refused, never anything else', () => {
    const piece = fc.oneof(
      fc.constantFrom('HTTP/1.1 200 OK', '\r\n', '\r', '\n', ':', ' ', '\0', 'A: b', '\r\n\r\n'),
      fc.string({ maxLength: 20 }),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    const garbage = fc
      .array(piece, { maxLength: 30 })
      .map((pieces) => Buffer.from(pieces.join('')));
    fc.assert(
      fc.property(garbage, sizes, (bytes, cuts) => {
        try {
          const { head } = feed(bytes, cuts);
          if (head) assert.match(bytes.toString('latin1'), /^HTTP\/1\.[01] /);
        } catch (error) {
          assert.ok(isSluiceError(error, 'SourceMalformed'), String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('that is broken anywhere is refused', () => {
    const broken = [
      'HTTP/2 200 OK',
      'HTTP/1.2 200 OK',
      'http/1.1 200 OK',
      'HTTP/1.1 20 OK',
      'HTTP/1.1 0200 OK',
      'HTTP/1.1  200 OK',
      ' HTTP/1.1 200 OK',
      'HTTP/1.1 200 O\x00K',
      'HTTP/1.1 200 OK\r\nName : value',
      'HTTP/1.1 200 OK\r\n: value',
      'HTTP/1.1 200 OK\r\nname',
      'HTTP/1.1 200 OK\r\nname: a\r\n b',
      'HTTP/1.1 200 OK\r\nname: a\nother: b',
      'HTTP/1.1 200 OK\r\nname: a\rother: b',
      'HTTP/1.1 200 OK\r\nna(me: a',
    ];
    for (const text of broken) {
      assert.throws(
        () => feed(Buffer.from(`${text}\r\n\r\n`), [1000]),
        (error) => isSluiceError(error, 'SourceMalformed'),
        text,
      );
    }
  });

  it('is bounded', () => {
    const start = 'HTTP/1.1 200 OK\r\nx: ';
    const fits = start + 'y'.repeat(maxHeadLength - start.length - 4);
    assert.equal(feed(Buffer.from(`${fits}\r\n\r\n`), [5000]).head?.status, 200);
    assert.throws(
      () => feed(Buffer.from(`${fits}y\r\n\r\n`), [5000]),
      (error) => isSluiceError(error, 'SourceMalformed'),
    );
  });

  it('takes no time over blanks without end', () => {
    const blanks = ' '.repeat(60_000);
    for (const end of ['\0', 'x']) {
      const started = process.cpuUsage().user;
      try {
        feed(Buffer.from(`HTTP/1.1 200 OK\r\na:${blanks}${end}\r\n\r\n`), [9000]);
      } catch (error) {
        assert.ok(isSluiceError(error, 'SourceMalformed'));
      }
      assert.ok(process.cpuUsage().user - started < 500_000);
    }
  });

  it('with an empty or missing reason is taken', () => {
    for (const line of ['HTTP/1.1 200 ', 'HTTP/1.1 200', 'HTTP/1.0 200 \xe9']) {
      const { head } = feed(Buffer.from(`${line}\r\n\r\n`, 'latin1'), [7]);
      assert.equal(head?.status, 200);
      assert.equal(head?.fields.size, 0);
    }
  });
});
