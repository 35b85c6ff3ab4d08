import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fetchText, httpSource, never, rejectsWith, ways } from '../testing/fetching.ts';
import { answerText, headerOf, serveScript } from '../testing/scripted-server.ts';

const ok = (headers: Record<string, string>, body: string) => answerText('200 OK', headers, body);
const part = (range: string, headers: Record<string, string>, body: string) =>
  answerText('206 Partial Content', { 'Content-Range': `bytes ${range}`, ...headers }, body);
const v1 = { ETag: '"1"' };
const v2 = { ETag: '"2"' };

for (const { way, generalOnly } of ways) {
  describe(`HTTP source, ${way}: an object that changes is never spliced`, () => {
    const changes: Record<string, [first: string, second: string]> = {
      'the whole of another ETag': [part('0-3/8', v1, 'abcd'), ok(v2, 'ABCDEFGH')],
      'the whole of another length': [part('0-3/8', {}, 'abcd'), ok({}, 'ABCDEFGHI')],
      'a part of another ETag': [part('0-3/8', v1, 'abcd'), part('4-7/8', v2, 'EFGH')],
      'a part of another length': [part('0-3/8', v1, 'abcd'), part('4-7/9', v1, 'EFGH')],
      'a part of another date': [
        part('0-3/8', { 'Last-Modified': 'Mon' }, 'abcd'),
        part('4-7/8', { 'Last-Modified': 'Tue' }, 'EFGH'),
      ],
      'a refusal that tells another length': [
        part('0-3/8', v1, 'abcd'),
        answerText('416 Range Not Satisfiable', { 'Content-Range': 'bytes */3' }),
      ],
      'a refusal of what was there': [
        part('0-3/8', v1, 'abcd'),
        answerText('416 Range Not Satisfiable', {}),
      ],
    };
    for (const [name, answers] of Object.entries(changes)) {
      it(name, async () => {
        await using server = await serveScript((socket, _, i) => socket.write(answers[i] ?? ''));
        await using source = httpSource(server.origin, { generalOnly });
        assert.equal(await fetchText(source, 0, 4), 'abcd');
        await rejectsWith(fetchText(source, 4, 8), 'SourceChanged', { retryable: false });
        assert.equal(source.activeConnections, 0);
      });
    }

    it('is noticed against what was expected', async () => {
      await using server = await serveScript((socket) => socket.write(ok(v1, 'abcd')));
      for (const expected of [{ contentLength: 5 }, { validator: 'etag:"0"' }]) {
        await using source = httpSource(server.origin, { generalOnly, expected });
        await rejectsWith(source.open(never), 'SourceChanged');
      }
      for (const validator of ['etag:"x"\r\nEvil: 1', 'nonsense', 'etag:W/"0"', 'modified:']) {
        await using source = httpSource(server.origin, { generalOnly, expected: { validator } });
        assert.equal(await fetchText(source), 'abcd');
      }
      assert.ok(server.requests.every((head) => headerOf(head, 'Evil') === undefined));
    });

    it('is told from a server that never matches If-Range', async () => {
      await using server = await serveScript((socket, head) => {
        const whole = headerOf(head, 'If-Range') !== undefined;
        socket.write(whole ? ok(v1, 'abcdefgh') : part('2-3/8', v1, 'cd'));
      });
      const expected = { contentLength: 8, validator: 'etag:"1"' };
      await using source = httpSource(server.origin, { generalOnly, expected });
      assert.equal(await fetchText(source, 2, 4), 'cd');
      assert.equal(await fetchText(source, 2, 4), 'cd');
      assert.equal(server.requests.length, 3);
    });

    it('is told from a server that turns out to have no ranges', async () => {
      await using server = await serveScript((socket) => socket.write(ok(v1, 'abcdefgh')));
      const expected = { contentLength: 8, validator: 'etag:"1"' };
      await using source = httpSource(server.origin, { generalOnly, expected });
      await rejectsWith(fetchText(source, 2, 4), 'SourceNoRanges');
      assert.equal(await fetchText(source, 0, 8), 'abcdefgh');
    });

    const nonsense: Record<string, string> = {
      'another range': part('0-3/8', {}, 'abcd'),
      'a longer range': part('2-7/8', {}, 'cdefgh'),
      'a Content-Length that does not fit': part('2-5/8', {}, 'cde'),
      'no Content-Range': answerText('206 Partial Content', {}, 'cdef'),
      'an invalid Content-Range': part('5-2/8', {}, 'cdef'),
      'two Content-Ranges': part('2-5/8\r\nContent-Range: bytes 3-6/8', {}, 'cdef'),
      'a part of a part too small to go on so': part('2-2/8', {}, 'c'),
    };
    for (const [name, answer] of Object.entries(nonsense)) {
      it(`refuses ${name}`, async () => {
        await using server = await serveScript((socket) => socket.write(answer));
        await using source = httpSource(server.origin, { generalOnly });
        await rejectsWith(fetchText(source, 2, 6), 'SourceMalformed');
        assert.equal(source.activeConnections, 0);
      });
    }

    it('asks on when a large part was given in part', async () => {
      const body = 'x'.repeat(70_000);
      await using server = await serveScript((socket, head) => {
        const start = Number(/bytes=(\d+)-/.exec(head)?.[1]);
        const end = Math.min(start + 65_536, 70_000);
        socket.write(part(`${start}-${end - 1}/70000`, {}, body.slice(start, end)));
      });
      await using source = httpSource(server.origin, { generalOnly });
      assert.equal(await fetchText(source, 0, 70_000), body);
      assert.equal(server.requests.length, 2);
    });

    it('says so when the object is shorter than the range', async () => {
      await using server = await serveScript((socket) => socket.write(part('2-7/8', {}, 'cdefgh')));
      await using source = httpSource(server.origin, { generalOnly });
      await rejectsWith(fetchText(source, 2, 10), 'SourceShort', { contentLength: 8 });
      await using beyond = await serveScript((socket) => {
        socket.write(answerText('416 No', { 'Content-Range': 'bytes */1' }));
      });
      await using other = httpSource(beyond.origin, { generalOnly });
      await rejectsWith(fetchText(other, 2, 10), 'SourceShort', { contentLength: 1 });
    });
  });
}
