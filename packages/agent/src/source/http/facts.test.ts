import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { fetchText, httpSource, never, rejectsWith, ways } from '../testing/fetching.ts';
import { serveObject } from '../testing/object-server.ts';
import { answerText, headerOf, serveScript } from '../testing/scripted-server.ts';

const mebibyte = 1_048_576;

for (const { way, generalOnly } of ways) {
  describe(`HTTP source, ${way}: what open learns`, () => {
    const answered = async (...answers: string[]) => {
      const server = await serveScript((socket, _head, i) => socket.write(answers[i] ?? ''));
      const source = httpSource(`${server.origin}/f`, { generalOnly });
      return { server, source };
    };

    it('asks once for a small file, open and fetch together', async () => {
      await using server = await serveObject(Buffer.from('small file'));
      await using source = httpSource(`${server.origin}/f`, { generalOnly });
      const facts = await source.open(never);
      assert.deepEqual(facts, { contentLength: 10, ranges: true, validator: 'etag:"v1"' });
      assert.equal(source.activeConnections, 0);
      assert.equal(await fetchText(source), 'small file');
      assert.equal(server.requests.length, 1);
      assert.equal(server.requests[0]?.headers.range, 'bytes=0-1048575');
      assert.equal(server.requests[0]?.headers['accept-encoding'], 'identity');
    });

    it('goes on behind the first MiB with the same connection', async () => {
      await using server = await serveObject(Buffer.alloc(mebibyte + 5, 'x'));
      await using source = httpSource(`${server.origin}/f`, { generalOnly });
      await source.open(never);
      assert.equal((await fetchText(source)).length, mebibyte + 5);
      const [first, second] = server.requests;
      assert.equal(second?.headers.range, `bytes=${mebibyte}-${mebibyte + 4}`);
      assert.equal(second?.headers['if-range'], '"v1"');
      assert.equal(server.requests.length, 2);
      assert.equal(first?.socket, second?.socket);
    });

    it('takes the whole from a source without ranges, and nothing less', async () => {
      const whole = answerText('200 OK', { 'Last-Modified': 'yesterday' }, 'x'.repeat(70_000));
      const { server, source } = await answered(whole, whole);
      await using _ = server;
      await using __ = source;
      const facts = await source.open(never);
      const validator = 'modified:yesterday';
      assert.deepEqual(facts, { contentLength: 70_000, ranges: false, validator });
      await rejectsWith(fetchText(source, 0, 10), 'SourceNoRanges', { retryable: false });
      assert.equal((await fetchText(source, 0, 70_000)).length, 70_000);
      await rejectsWith(fetchText(source, 5), 'SourceNoRanges');
      assert.equal(headerOf(server.requests[1] ?? '', 'Range'), undefined);
    });

    it('believes Accept-Ranges of a small file that came whole', async () => {
      const headers = { 'Accept-Ranges': 'bytes' };
      const part = { 'Content-Range': 'bytes 1-2/4' };
      const { server, source } = await answered(
        answerText('200 OK', headers, 'abcd'),
        answerText('206 Partial Content', part, 'bc'),
      );
      await using _ = server;
      await using __ = source;
      assert.equal((await source.open(never)).ranges, true);
      assert.equal(await fetchText(source, 1, 3), 'bc');
    });

    it('copes with an empty object, however it is told', async () => {
      const refused = (headers: Record<string, string>) =>
        answerText('416 Range Not Satisfiable', headers);
      for (const answers of [
        [answerText('200 OK', {})],
        [refused({ 'Content-Range': 'bytes */0' })],
        [refused({}), answerText('200 OK', {})],
      ]) {
        const { server, source } = await answered(...answers);
        await using _ = server;
        await using __ = source;
        assert.equal((await source.open(never)).contentLength, 0);
        assert.equal(await fetchText(source), '');
        assert.equal(server.requests.length, answers.length);
      }
    });

    it('fetches an empty object without open', async () => {
      const refused = answerText('416 Range Not Satisfiable', { 'Content-Range': 'bytes */0' });
      const { server, source } = await answered(refused);
      await using _ = server;
      await using __ = source;
      assert.equal(await fetchText(source), '');
    });

    it('takes a chunked body to its end', async () => {
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: W/"weak"\r\n\r\n';
      const answer = `${head}4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n`;
      const { server, source } = await answered(answer, answer, answer);
      await using _ = server;
      await using __ = source;
      const facts = await source.open(never);
      assert.deepEqual(facts, { contentLength: undefined, ranges: false, validator: undefined });
      assert.equal(await fetchText(source), 'abcdefg');
      await rejectsWith(fetchText(source, 0, 7), 'SourceNoRanges');
    });

    it('takes a body that ends with the connection', async () => {
      await using server = await serveScript((socket) => {
        socket.end('HTTP/1.0 200 OK\r\n\r\nto the very end');
      });
      await using source = httpSource(server.origin, { generalOnly });
      await source.open(never);
      assert.equal(await fetchText(source), 'to the very end');
    });

    it('finds the end of an object whose length nobody tells', async () => {
      const part = (range: string, body: string) =>
        answerText('206 Partial Content', { 'Content-Range': `bytes ${range}/*` }, body);
      const { server, source } = await answered(
        part('0-3', 'abcd'),
        part('4-5', 'ef'),
        answerText('416 Range Not Satisfiable', {}),
      );
      await using _ = server;
      await using __ = source;
      assert.equal((await source.open(never)).contentLength, undefined);
      assert.equal(await fetchText(source), 'abcdef');
      assert.equal(headerOf(server.requests[1] ?? '', 'Range'), 'bytes=4-');
    });

    it('fetches without open what it is told to expect', async () => {
      await using server = await serveObject(Buffer.from('0123456789'));
      const expected = { contentLength: 10, validator: 'etag:"v1"' };
      await using source = httpSource(server.origin, { generalOnly, expected });
      assert.equal(await fetchText(source, 2, 5), '234');
      assert.equal(server.requests[0]?.headers['if-range'], '"v1"');
      await rejectsWith(fetchText(source, 2, 11), 'SourceShort', { contentLength: 10 });
      assert.equal(await fetchText(source, 10), '');
      assert.equal(server.requests.length, 1);
    });

    it('lets the first answer go when nobody wants it', async () => {
      const clock = new ManualClock();
      await using server = await serveObject(Buffer.alloc(8 * mebibyte));
      await using source = httpSource(server.origin, { generalOnly, clock });
      await source.open(never);
      clock.advance(30_000);
      await server.quiet();
      assert.equal((await fetchText(source, 0, 10)).length, 10);
      assert.equal(server.requests.length, 2);
    });

    it('asks again when the first answer died while it waited', async () => {
      await using server = await serveObject(Buffer.from('x'.repeat(mebibyte)));
      await using source = httpSource(server.origin, { generalOnly });
      server.cutNextAfter(200_000);
      await source.open(never);
      await server.quiet();
      assert.equal((await fetchText(source)).length, mebibyte);
      assert.equal(server.requests.length, 2);
    });

    it('counts the connections that fetches hold', async () => {
      await using server = await serveObject(Buffer.alloc(8 * mebibyte));
      await using source = httpSource(server.origin, { generalOnly });
      const sinks = Array.from({ length: 4 }, () => new CollectingSink(100));
      const fetches = sinks.map((sink) => source.fetch({ start: 7, end: mebibyte }, sink, never));
      assert.equal(source.activeConnections, 4);
      await Promise.all(sinks.map((sink) => sink.starved));
      assert.equal(source.activeConnections, 4);
      for (const sink of sinks) sink.allow(mebibyte);
      await Promise.all(fetches);
      assert.equal(source.activeConnections, 0);
      assert.equal(new Set(server.requests.map((request) => request.socket)).size, 4);
    });

    it('reaches IPv6 hosts', async (t) => {
      const whole = answerText('200 OK', {}, 'six');
      const server = await serveScript((socket) => socket.write(whole), '::1').catch(
        () => undefined,
      );
      if (!server) return t.skip('no IPv6 here');
      await using _ = server;
      await using source = httpSource(server.origin, { generalOnly });
      assert.equal(await fetchText(source), 'six');
      assert.equal(headerOf(server.requests[0] ?? '', 'Host'), `[::1]:${server.port}`);
    });
  });
}
