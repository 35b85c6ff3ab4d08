import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ErrorCode, isSluiceError, ManualClock } from '@sluice/protocol';
import { fetchText, httpSource, never, rejectsWith, ways } from '../testing/fetching.ts';
import { answerText, headerOf, serveScript } from '../testing/scripted-server.ts';
import { createHttpSource } from './index.ts';

for (const { way, generalOnly } of ways) {
  describe(`HTTP source, ${way}: refusals`, () => {
    const refusals: [status: string, code: ErrorCode, retryable: boolean][] = [
      ['401 Unauthorized', 'SourceUnauthorized', false],
      ['403 Forbidden', 'SourceForbidden', false],
      ['404 Not Found', 'SourceNotFound', false],
      ['408 Request Timeout', 'SourceStatus', true],
      ['410 Gone', 'SourceGone', false],
      ['418 Teapot', 'SourceStatus', false],
      ['429 Too Many Requests', 'SourceThrottled', true],
      ['500 Internal Server Error', 'SourceServerError', true],
      ['501 Not Implemented', 'SourceServerError', false],
      ['503 Service Unavailable', 'SourceServerError', true],
      ['204 No Content', 'SourceStatus', false],
      ['304 Not Modified', 'SourceStatus', false],
    ];
    for (const [status, code, retryable] of refusals) {
      it(status, async () => {
        await using server = await serveScript((socket) => {
          const bodyless = status.startsWith('204') || status.startsWith('304');
          socket.write(
            bodyless ? `HTTP/1.1 ${status}\r\n\r\n` : answerText(status, {}, 'error page'),
          );
        });
        await using source = httpSource(`${server.origin}/f?sig=secret`, { generalOnly });
        const url = `${server.origin}/f?sig=***`;
        const params = { url, status: Number(status.slice(0, 3)), retryable };
        await rejectsWith(source.open(never), code, params);
        await rejectsWith(fetchText(source, 1, 2), code, params);
        assert.equal(source.activeConnections, 0);
      });
    }

    it('keeps the connection over a short error page', async () => {
      await using server = await serveScript((socket) => {
        socket.write(answerText('404 Not Found', {}, 'error page'));
      });
      await using source = httpSource(server.origin, { generalOnly });
      for (let i = 0; i < 3; i++) await rejectsWith(source.open(never), 'SourceNotFound');
      if (!generalOnly) assert.equal(server.connections.length, 1);
      assert.equal(server.requests.length, 3);
    });

    it('tells how long to wait', async () => {
      const date = 'Wed, 21 Oct 2015 07:28:00 GMT';
      const later = 'Wed, 21 Oct 2015 07:28:30 GMT';
      const cases: [headers: Record<string, string>, ms: number | undefined][] = [
        [{ 'Retry-After': '120' }, 120_000],
        [{ 'Retry-After': '9999999999' }, 86_400_000],
        [{ 'Retry-After': later, Date: date }, 30_000],
        [{ 'Retry-After': date, Date: later }, 0],
        [{ 'Retry-After': later }, undefined],
        [{ 'Retry-After': '-5' }, undefined],
        [{ 'Retry-After': 'soon', Date: date }, undefined],
        [{}, undefined],
      ];
      await using server = await serveScript((socket, _, i) => {
        socket.write(answerText('503 Later', cases[i]![0]));
      });
      await using source = httpSource(server.origin, { generalOnly });
      for (const [, retryAfterMs] of cases) {
        await rejectsWith(source.open(never), 'SourceServerError', { retryAfterMs });
      }
    });

    it('refuses an encoded body', async () => {
      const headers = { 'Content-Encoding': 'gzip', 'Content-Range': 'bytes 0-3/4' };
      await using server = await serveScript((socket, _, i) => {
        socket.write(answerText(i === 0 ? '200 OK' : '206 Part', headers, 'abcd'));
      });
      await using source = httpSource(server.origin, { generalOnly });
      await rejectsWith(source.open(never), 'SourceEncoded', { encoding: 'gzip' });
      await rejectsWith(fetchText(source, 0, 4), 'SourceEncoded');
      const plain = answerText('200 OK', { 'Content-Encoding': 'Identity' }, 'abcd');
      await using other = await serveScript((socket) => socket.write(plain));
      await using fine = httpSource(other.origin, { generalOnly });
      assert.equal(await fetchText(fine), 'abcd');
    });

    it('keeps credentials out of names and messages', async () => {
      await using server = await serveScript((socket) => {
        socket.write(answerText('401 Unauthorized', {}));
      });
      const url = `http://us%40er:pa%3Ass%@127.0.0.1:${server.port}/f?token=secret&bare#frag`;
      await using source = httpSource(url, { generalOnly });
      const error = await rejectsWith(source.open(never), 'SourceUnauthorized');
      const shown = [source.label, error.message, JSON.stringify(error.params)].join();
      assert.doesNotMatch(shown, /us@|us%|er:|pa:|pa%|ss%|secret|bare/);
      const sent = headerOf(server.requests[0] ?? '', 'Authorization') ?? '';
      assert.equal(
        Buffer.from(sent.slice(6), 'base64').toString(),
        'us%40er:pa%3Ass%'.replace('%40', '@'),
      );
    });

    it('sends the headers given', async () => {
      await using server = await serveScript((socket) => socket.write(answerText('200 OK', {})));
      const headers = { Cookie: 'a=b', 'X-Team': 'blue' };
      await using source = httpSource(server.origin, { generalOnly, headers, userAgent: 'Me/1' });
      await source.open(never);
      const head = server.requests[0] ?? '';
      assert.equal(headerOf(head, 'Cookie'), 'a=b');
      assert.equal(headerOf(head, 'X-Team'), 'blue');
      assert.equal(headerOf(head, 'User-Agent'), 'Me/1');
    });
  });
}

describe('HTTP source: options', () => {
  it('are checked', () => {
    const clock = new ManualClock();
    const invalid = [
      { url: 'nonsense' },
      { url: 'ftp://h/f' },
      { url: 'file:///etc/passwd' },
      { url: 'http://h/', headers: { 'bad name': 'x' } },
      { url: 'http://h/', headers: { 'X-A': 'x\r\nEvil: 1' } },
      { url: 'http://h/', headers: { Range: 'bytes=0-1' } },
      { url: 'http://h/', headers: { host: 'other' } },
      { url: 'http://h/', userAgent: 'a\nb' },
    ];
    for (const options of invalid) {
      assert.throws(
        () => createHttpSource({ ...options, clock }),
        (error) => isSluiceError(error, 'InvalidArgument'),
        JSON.stringify(options),
      );
    }
  });

  it('let the label be given, else shorten it', () => {
    const clock = new ManualClock();
    assert.equal(createHttpSource({ url: 'http://h/', label: 'mine', clock }).label, 'mine');
    const long = createHttpSource({ url: `http://h/${'x'.repeat(5000)}`, clock }).label;
    assert.ok(long.length < 400);
  });
});
