import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestHead } from './request-head.ts';

const post = 'POST /a HTTP/1.1\r\nHost: h\r\n';

test('a plain head says what is asked, and how long the body is', () => {
  const head = `${post}Content-Length:  12 \r\nX-Other:\r\n\r\n`;
  assert.deepEqual(
    { ...requestHead(`${head}{"PeerId":""}`)! },
    {
      ...{ text: head, method: 'POST', url: '/a', bodyLength: 12, keepsAlive: true },
      headers: Object.assign(Object.create(null), {
        host: 'h',
        'content-length': '12',
        'x-other': '',
      }),
    },
  );
  assert.equal(requestHead(`${post}connection: Keep-Alive\r\n\r\n`)?.keepsAlive, true);
  assert.equal(requestHead(`${post}Connection: close\r\n\r\n`)?.keepsAlive, false);
  assert.equal(requestHead(`${post}\r\n`)?.bodyLength, 0);
});

test('whatever two readers may read in two ways is not taken', () => {
  for (const text of [
    '',
    post,
    'POST /a HTTP/1.1\r\n\r\n',
    'POST /a HTTP/1.1\r\nHost:\r\n\r\n',
    '\r\nPOST /a HTTP/1.1\r\nHost: h\r\n\r\n',
    'POST /a HTTP/1.0\r\nHost: h\r\n\r\n',
    'POST  /a HTTP/1.1\r\nHost: h\r\n\r\n',
    'post /a HTTP/1.1\r\nHost: h\r\n\r\n',
    'POST http://h/a HTTP/1.1\r\nHost: h\r\n\r\n',
    'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n',
    ...[
      'Content-Length: 1\r\nContent-Length: 1',
      'Content-Length: 1\r\ncontent-length: 2',
      'Content-Length: +1',
      'Content-Length: 1, 1',
      'Content-Length: 0x1',
      'Content-Length:',
      'Content-Length : 1',
      'Transfer-Encoding: chunked',
      'Expect: 100-continue',
      'Upgrade: websocket',
      'Connection: upgrade',
      'Connection: keep-alive, close',
      'Proxy-Connection: close',
      'Folded: a\r\n b: c',
      'Bare: a\nContent-Length: 5',
      'Bare: a\rb',
      'Null: a\0',
      'Wide: \x80',
      ': nameless',
      'name',
      '',
    ].map((line) => `${post}${line}\r\n\r\n`),
  ].slice(0, -1)) {
    assert.equal(requestHead(text), undefined, JSON.stringify(text));
  }
});
