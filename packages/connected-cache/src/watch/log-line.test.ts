import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import fc from 'fast-check';
import { AnswerNote } from './answer-note.ts';
import { type LogFormat, logLine } from './log-line.ts';

const combined =
  /^\S+ - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "\S+ [^"]* HTTP\/1\.[01]" \d{3} (?:-|\d+) "[^"]*" "[^"]*"\n$/;

function line(
  format: LogFormat,
  message: { url?: string; referer?: string; agent?: string },
  queries = false,
) {
  const note = new AnswerNote(new ManualClock());
  note.source = 'cdn.example';
  note.state = 'PARTIAL';
  note.sent(10, true);
  note.sent(5, false);
  const headers = {
    ...(message.referer !== undefined && { referer: message.referer }),
    ...(message.agent !== undefined && { 'user-agent': message.agent }),
  };
  const { url = '/a' } = message;
  return logLine(format, queries, {
    message: { method: 'GET', url, httpVersion: '1.1', headers },
    client: '10.0.0.7',
    status: 206,
    note,
    wallMs: Date.UTC(2026, 9, 5, 13, 55, 36),
    ms: 12.4,
  });
}

test('combined, as Apache and nginx write it', () => {
  assert.equal(
    line('combined', { url: '/a/b?k=secret', referer: 'http://r/?t=secret', agent: 'curl/8' }),
    '10.0.0.7 - - [05/Oct/2026:13:55:36 +0000] "GET /a/b?*** HTTP/1.1" 206 15 "http://r/?***" "curl/8"\n',
  );
});

test('JSON has the source and the state of the cache, too', () => {
  assert.deepEqual(JSON.parse(line('json', { url: 'http://u:p@h/a?k=secret' })), {
    Time: '2026-10-05T13:55:36.000Z',
    Client: '10.0.0.7',
    Method: 'GET',
    Target: 'http://h/a?***',
    Source: 'cdn.example',
    Status: 206,
    Bytes: 15,
    HitBytes: 10,
    Cache: 'PARTIAL',
    Ms: 12,
    Range: null,
    UserAgent: '-',
  });
});

test('queries are written when they are asked for', () => {
  assert.match(line('combined', { url: '/a?k=v' }, true), /"GET \/a\?k=v HTTP/);
});

test('a line stays one, of the same fields, whatever a client sends', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(text, text, text, (path, referer, agent) => {
      const url = `/${path.replaceAll(/\s/g, '')}`;
      assert.match(line('combined', { url, referer, agent }), combined);
      const json = line('json', { url, referer, agent });
      assert.equal(json.indexOf('\n'), json.length - 1);
    }),
  );
});
