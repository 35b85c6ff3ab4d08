import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fetchText, httpSource, never, rejectsWith, ways } from '../testing/fetching.ts';
import { serveObject } from '../testing/object-server.ts';
import { answerText, headerOf, serveScript } from '../testing/scripted-server.ts';
import { selfSigned } from '../testing/self-signed.ts';

const to = (location: string, status = '302 Found') =>
  answerText(status, { Location: location }, 'moved');
const path = (requestHead: string) => requestHead.split(' ')[1] ?? '';

for (const { way, generalOnly } of ways) {
  describe(`HTTP source, ${way}: redirects`, () => {
    it('are followed and remembered', async () => {
      await using server = await serveScript((socket, head) => {
        const next: Record<string, string> = { '/1': '/2', '/2': '3?x', '/3?x': './4#frag' };
        const location = next[path(head)];
        const part = { 'Content-Range': 'bytes 1-2/4' };
        socket.write(location ? to(location) : answerText('206 Part', part, 'bc'));
      });
      await using source = httpSource(`${server.origin}/1`, { generalOnly });
      assert.equal(await fetchText(source, 1, 3), 'bc');
      assert.equal(await fetchText(source, 1, 3), 'bc');
      assert.deepEqual(server.requests.map(path), ['/1', '/2', '/3?x', '/4', '/4']);
      assert.equal(source.label, `${server.origin}/1`);
    });

    it('are asked for anew when their target has expired', async () => {
      let target = '/old';
      await using server = await serveScript((socket, head) => {
        if (path(head) === '/') socket.write(to(target));
        else if (path(head) !== target) socket.write(answerText('403 Forbidden', {}));
        else socket.write(answerText('206 Part', { 'Content-Range': 'bytes 1-2/4' }, 'bc'));
      });
      await using source = httpSource(server.origin, { generalOnly });
      assert.equal(await fetchText(source, 1, 3), 'bc');
      target = '/new';
      assert.equal(await fetchText(source, 1, 3), 'bc');
      assert.deepEqual(server.requests.map(path), ['/', '/old', '/old', '/', '/new']);
    });

    it('end after ten, and in a circle', async () => {
      await using server = await serveScript((socket, head) => {
        const n = Number(path(head).slice(1));
        socket.write(Number.isNaN(n) ? to('/round') : to(`/${n + 1}`));
      });
      await using endless = httpSource(`${server.origin}/0`, { generalOnly });
      await rejectsWith(endless.open(never), 'SourceTooManyRedirects', { limit: 10 });
      assert.equal(server.requests.length, 11);
      await using round = httpSource(`${server.origin}/round`, { generalOnly });
      await rejectsWith(round.open(never), 'SourceRedirectLoop', { retryable: false });
      assert.equal(server.requests.length, 12);
      assert.equal(endless.activeConnections, 0);
    });

    it('do not carry credentials to another origin', async () => {
      await using there = await serveScript((socket) => {
        socket.write(answerText('200 OK', {}, 'there'));
      });
      const target = there.origin.replace('http://', 'http://stray:login@');
      await using here = await serveScript((socket, head) => {
        socket.write(path(head) === '/a' ? to('/b') : to(target));
      });
      const headers = { Cookie: 'a=b', 'X-Api-Key': 'secret', 'Accept-Language': 'yes' };
      const url = `${here.origin.replace('http://', 'http://u:p@')}/a`;
      await using source = httpSource(url, { generalOnly, headers });
      assert.equal(await fetchText(source), 'there');
      for (const head of here.requests) {
        assert.ok(headerOf(head, 'Authorization'));
        assert.ok(headerOf(head, 'Cookie'));
      }
      const head = there.requests[0] ?? '';
      assert.equal(headerOf(head, 'Authorization'), undefined);
      assert.equal(headerOf(head, 'Cookie'), undefined);
      assert.equal(headerOf(head, 'Accept-Language'), 'yes');
    });

    it('are refused when they lead astray', async () => {
      const locations = ['ftp://h/f', 'file:///etc/passwd', 'javascript:1'];
      await using server = await serveScript((socket, _, i) => socket.write(to(locations[i]!)));
      await using source = httpSource(server.origin, { generalOnly });
      for (const _ of locations) await rejectsWith(source.open(never), 'SourceRedirectRefused');
    });

    it('are refused without a valid Location', async () => {
      const answers = [answerText('302 Found', {}), to('http://['), to('')];
      await using server = await serveScript((socket, _, i) => socket.write(answers[i]!));
      await using source = httpSource(server.origin, { generalOnly });
      for (const _ of answers) await rejectsWith(source.open(never), 'SourceMalformed');
    });

    it('take a raw UTF-8 Location', async () => {
      await using server = await serveScript((socket, head) => {
        const answer = path(head) === '/' ? to('/dé') : answerText('200 OK', {}, 'there');
        socket.write(answer);
      });
      await using source = httpSource(server.origin, { generalOnly });
      assert.equal(await fetchText(source), 'there');
      assert.equal(path(server.requests[1] ?? ''), '/d%C3%A9');
    });

    it('with a chunked body cost no second request', async () => {
      await using server = await serveScript((socket, head) => {
        const chunked = 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
        if (path(head) === '/') socket.write(`HTTP/1.1 301 Moved\r\nLocation: /b\r\n${chunked}`);
        else socket.write(answerText('200 OK', {}, 'there'));
      });
      await using source = httpSource(server.origin, { generalOnly });
      assert.equal(await fetchText(source), 'there');
      assert.equal(server.requests.length, 2);
    });
  });
}

describe('HTTP source: redirects and TLS', () => {
  it('go from http to https, never back', async () => {
    const tls = await selfSigned();
    await using secure = await serveObject(Buffer.from('secure'), tls);
    await using plain = await serveScript((socket) => socket.write(to(`${secure.origin}/f`)));
    await using source = httpSource(plain.origin, { ca: tls.cert });
    assert.equal(await fetchText(source), 'secure');
  });

  it('never go from https to http', async () => {
    const tls = await selfSigned();
    const { createServer } = await import('node:https');
    const server = createServer(tls, (_, response) => {
      response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as import('node:net').AddressInfo;
    try {
      await using source = httpSource(`https://127.0.0.1:${port}/`, { ca: tls.cert });
      await rejectsWith(source.open(never), 'SourceRedirectRefused', { retryable: false });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
