import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { isSluiceError, ManualClock, type SluiceError } from '@sluice/protocol';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { fetchText, httpSource, infinity, never, rejectsWith, ways } from '../testing/fetching.ts';
import { serveObject } from '../testing/object-server.ts';
import { answerText, serveScript } from '../testing/scripted-server.ts';
import { selfSigned } from '../testing/self-signed.ts';

const retryable = { retryable: true };
const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

for (const { way, generalOnly } of ways) {
  describe(`HTTP source, ${way}: faults`, () => {
    it('names a host that does not resolve', async () => {
      // A label longer than DNS allows fails at once, whatever the resolver is.
      await using source = httpSource(`http://${'x'.repeat(64)}.test/`, { generalOnly });
      await rejectsWith(source.open(never), 'SourceDnsFailed', retryable);
    });

    it('names a port that refuses', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      server.close();
      await once(server, 'close');
      await using source = httpSource(`http://127.0.0.1:${port}/`, { generalOnly });
      await rejectsWith(source.open(never), 'SourceRefused', retryable);
    });

    it('tells a reset from a body cut off', async () => {
      await using server = await serveScript((socket, _, i) => {
        if (i === 0) socket.resetAndDestroy();
        else if (i === 1) socket.end();
        else if (i === 2) socket.end(`${head(10)}abc`);
        else socket.write(`${head(10)}abc`);
      });
      await using source = httpSource(server.origin, { generalOnly });
      await rejectsWith(fetchText(source), 'SourceReset', retryable);
      await rejectsWith(fetchText(source), 'SourceReset', retryable);
      await rejectsWith(fetchText(source), 'SourceTruncated', retryable);
      const sink = new CollectingSink();
      const fetched = source.fetch({ start: 0, end: infinity }, sink, never);
      const rejected = rejectsWith(fetched, 'SourceReset', retryable);
      while (sink.length < 3) await turn();
      server.connections.at(-1)?.resetAndDestroy();
      await rejected;
    });

    it('notices a chunked body that is cut off, wrong or short', async () => {
      const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
      const part =
        'HTTP/1.1 206 Part\r\nTransfer-Encoding: chunked\r\nContent-Range: bytes 0-6/7\r\n\r\n';
      const answers = ['3\r\nabc\r\n5\r\nde', '3\r\nabc\r\nxyz\r\n'].map((b) => chunked + b);
      answers.push(`${part}3\r\nabc\r\n0\r\n\r\n`);
      await using server = await serveScript((socket, line) => {
        socket.end(answers[Number(line.slice(5, 6))] ?? '');
      });
      const codes = ['SourceTruncated', 'SourceMalformed', 'SourceTruncated'] as const;
      for (const [i, code] of codes.entries()) {
        await using source = httpSource(`${server.origin}/${i}`, { generalOnly });
        await rejectsWith(fetchText(source), code, retryable);
      }
    });

    it('never reads more than was promised', async () => {
      const more = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
      await using server = await serveScript((socket, _, i) => {
        socket.write(`${answerText('200 OK', {}, `good`)}${i === 0 ? more : ''}`);
      });
      await using source = httpSource(server.origin, { generalOnly });
      assert.equal(await fetchText(source), 'good');
      assert.equal(await fetchText(source), 'good');
      assert.equal(server.connections.length, 2);
    });

    it('asks again when a kept connection turns out closed', async () => {
      await using server = await serveScript((socket, _, i) => {
        if (i === 1) socket.destroy();
        else socket.write(answerText('200 OK', {}, 'good'));
      });
      await using source = httpSource(server.origin, { generalOnly });
      assert.equal(await fetchText(source), 'good');
      assert.equal(await fetchText(source), 'good');
      assert.equal(server.requests.length, 3);
      assert.equal(server.connections.length, 2);
    });

    it('does not keep a connection the server wants closed', async () => {
      const answer = answerText('200 OK', { Connection: 'Keep-Alive, Close' }, 'good');
      await using server = await serveScript((socket) => socket.write(answer));
      await using source = httpSource(server.origin, { generalOnly });
      assert.equal(await fetchText(source), 'good');
      assert.equal(await fetchText(source), 'good');
      assert.equal(server.connections.length, 2);
    });

    it('closes a kept connection that nobody uses', async () => {
      const clock = new ManualClock();
      await using server = await serveScript((socket) => {
        socket.write(answerText('200 OK', {}, 'good'));
      });
      await using source = httpSource(server.origin, { generalOnly, clock });
      await fetchText(source);
      const closed = once(server.connections[0]!, 'close');
      clock.advance(30_000);
      await closed;
    });

    it('refuses garbage, endless heads and upgrades', async () => {
      const answers = [
        'SSH-2.0-OpenSSH_9.2\r\n\r\n',
        `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`,
        'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
        'HTTP/1.1 200 OK\r\n folded: 1\r\n\r\n',
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      ];
      await using server = await serveScript((socket, line) => {
        socket.write(answers[Number(line.slice(5, 6))]!);
      });
      for (const i of answers.keys()) {
        await using source = httpSource(`${server.origin}/${i}`, { generalOnly });
        const error = await source.open(never).catch((e: SluiceError) => e);
        assert.match(String(error), /not valid HTTP|connection was lost|cut off/);
        if (i < 2) assert.ok(isSluiceError(error, 'SourceMalformed'));
        assert.equal(source.activeConnections, 0);
      }
    });

    it('passes over interim answers', async () => {
      await using server = await serveScript((socket) => {
        const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
        socket.write(`${hints}${hints}${answerText('200 OK', {}, 'good')}`);
      });
      await using source = httpSource(server.origin, { generalOnly });
      assert.equal(await fetchText(source), 'good');
    });

    it('frees the connection when aborted while it connects', async () => {
      await using server = await serveScript(() => {});
      await using source = httpSource(server.origin, { generalOnly });
      const abort = new AbortController();
      const opened = source.open(abort.signal);
      abort.abort();
      await rejectsWith(opened, 'Cancelled');
      assert.equal(source.activeConnections, 0);
      await source.close();
    });
  });

  describe(`HTTP source, ${way}: stalls`, () => {
    it('gives up connecting', async () => {
      const clock = new ManualClock();
      await using server = await serveScript(() => {});
      await using source = httpSource(server.origin, { generalOnly, clock });
      const opened = rejectsWith(source.open(never), 'SourceConnectTimeout', retryable);
      // The general reader is loaded first; no connection is made before this turn ends.
      while (clock.pending === 0) await Promise.resolve();
      clock.advance(15_000);
      await opened;
    });

    it('gives up waiting for an answer, also one that trickles', async () => {
      const clock = new ManualClock();
      await using server = await serveScript((socket) => socket.write('HTTP/1.1 200 OK\r\nX'));
      await using source = httpSource(server.origin, { generalOnly, clock });
      const opened = rejectsWith(source.open(never), 'SourceStalled', {
        seconds: 20,
        ...retryable,
      });
      while (server.requests.length === 0) await turn();
      clock.advance(19_000);
      server.connections[0]?.write('y');
      for (let i = 0; i < 20; i++) await turn();
      clock.advance(1_000);
      await opened;
    });

    it('gives up waiting for body bytes', async () => {
      const clock = new ManualClock();
      await using server = await serveScript((socket) => socket.write(`${head(10)}abc`));
      await using source = httpSource(server.origin, { generalOnly, clock });
      const sink = new CollectingSink();
      const fetched = source.fetch({ start: 0, end: infinity }, sink, never);
      const rejected = rejectsWith(fetched, 'SourceStalled', retryable);
      while (sink.length < 3) await turn();
      clock.advance(19_999);
      server.connections[0]?.write('d');
      while (sink.length < 4) await turn();
      clock.advance(19_999);
      server.connections[0]?.write('e');
      while (sink.length < 5) await turn();
      clock.advance(20_000);
      await rejected;
      assert.equal(sink.bytes.toString(), 'abcde');
    });

    it('has patience while the sink has no room', async () => {
      const clock = new ManualClock();
      await using server = await serveScript((socket) => socket.write(`${head(10)}abcdefghij`));
      await using source = httpSource(server.origin, { generalOnly, clock });
      const sink = new CollectingSink(3);
      const fetched = source.fetch({ start: 0, end: infinity }, sink, never);
      await sink.starved;
      clock.advance(3_600_000);
      sink.allow(7);
      await fetched;
      assert.equal(sink.bytes.toString(), 'abcdefghij');
    });
  });
}

describe('HTTP source: TLS', () => {
  it('refuses a certificate nobody vouches for', async () => {
    const tls = await selfSigned();
    await using server = await serveObject(Buffer.from('x'), tls);
    await using source = httpSource(server.origin);
    await rejectsWith(source.open(never), 'SourceTlsFailed', { retryable: false });
  });

  it('refuses a certificate for another name', async () => {
    const tls = await selfSigned();
    await using server = await serveObject(Buffer.from('x'), tls, '127.0.0.2');
    await using source = httpSource(server.origin, { ca: tls.cert });
    await rejectsWith(source.open(never), 'SourceTlsFailed', { retryable: false });
  });

  it('says so when the far side does not speak TLS', async () => {
    const server = createServer((socket) => socket.end('not TLS at all\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using source = httpSource(`https://127.0.0.1:${port}/`);
    await rejectsWith(source.open(never), 'SourceTlsFailed');
    server.close();
  });

  it('gives up a handshake that does not end', async () => {
    const clock = new ManualClock();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const source = httpSource(`https://127.0.0.1:${port}/`, { clock });
    const opened = rejectsWith(source.open(never), 'SourceConnectTimeout', retryable);
    const [socket] = await once(server, 'connection');
    socket.on('error', () => {});
    clock.advance(15_000);
    await opened;
    await source.close();
    server.close();
  });
});
