import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type Agent, createAgent } from '@sluice/agent';
import type { Clock, DownloadStatus } from '@sluice/protocol';
import { bodyCases } from './bodies.ts';
import { headCases } from './heads.ts';
import { content, type HostileCase, honest } from './hostile-case.ts';
import { type HostileServer, serveHostile } from './hostile-server.ts';
import { rangeCases } from './ranges.ts';
import { statusCases } from './statuses.ts';
import { tlsCases } from './tls.ts';

/** So much faster than the day: timeouts of 20 s come after half a second. */
const speed = 40;
const fastClock: Clock = {
  now: () => performance.now() * speed,
  setTimer(ms, fn) {
    const timer = setTimeout(fn, Math.min(ms / speed, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

/** A download must be over by then, whatever the server does. Real time, ms. */
const hangMs = 60_000;

const cases = [...headCases, ...bodyCases, ...rangeCases, ...statusCases, ...(await tlsCases())];

interface Played {
  readonly status: DownloadStatus;
  readonly file: Buffer | undefined;
  readonly heads: readonly string[];
}

suite(`an agent among ${cases.length} hostile servers`, () => {
  let folder = '';
  let agent: Agent;
  let hasty: Agent;
  const played = new Map<HostileCase, Promise<Played>>();

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sluice-hostile-'));
    const common = { localDiscovery: false };
    agent = await createAgent({ ...common, dataDir: path.join(folder, 'data') });
    hasty = await createAgent({
      ...common,
      dataDir: path.join(folder, 'data-hasty'),
      clock: fastClock,
    });
    // Side by side: most of the time is spent waiting. Those on the fast clock have the loop for themselves.
    for (const waits of [false, true]) {
      for (const [i, hostile] of cases.entries()) {
        if ((hostile.waits ?? false) !== waits) continue;
        const out = path.join(folder, `out-${i}`);
        played.set(hostile, play(waits ? hasty : agent, hostile, out));
      }
      await Promise.allSettled(played.values());
    }
  });

  after(async () => {
    await Promise.all([agent.close(), hasty.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  for (const hostile of cases) {
    test(hostile.name, async () => {
      const { status, file } = await played.get(hostile)!;
      const { State, Error: error } = status;
      const said = `${State} ${error?.Code ?? ''}: ${error?.Message ?? ''}`;
      if (Buffer.isBuffer(hostile.outcome)) {
        assert.equal(State, 'Finalized', said);
        assert.ok(file?.equals(hostile.outcome), 'the file has other bytes');
      } else {
        assert.equal(State, 'Failed', said);
        assert.ok(hostile.outcome.includes(error?.Code ?? ''), said);
        assert.doesNotMatch(`${error?.Message} ${error?.Remedy}`, /\{\w+\}|undefined/);
        assert.equal(file, undefined, 'a file lies under the final name');
      }
    });
  }

  test('no half file is left beside the outputs', async () => {
    const rest = (await readdir(folder)).filter((name) => !/^(data(-hasty)?|out-\d+)$/.test(name));
    assert.deepEqual(rest, []);
  });

  test('a body without end fills no final name, and ends when it is told to', async () => {
    await using server = await serveHostile(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
      const go = () => {
        if (!socket.destroyed) socket.write(chunk, () => setImmediate(go));
      };
      go();
    });
    const Output = path.join(folder, 'endless');
    const download = await agent.download({ Url: `${server.origin}/x`, Output, Mode: 99 });
    await new Promise<void>((resolve) => {
      download.subscribe((s) => s.TotalBytesDownloaded > 1_000_000 && resolve());
    });
    await download.abort();
    assert.equal(download.status().State, 'Aborted');
    await assert.rejects(readFile(Output), { code: 'ENOENT' });
  });

  test('a flood of hostile downloads leaves the honest one alone', async () => {
    await using server = await serveHostile((ask) => ask.socket.write(honest(ask)));
    const Output = path.join(folder, 'honest');
    const download = await agent.download({ Url: `${server.origin}/x.bin`, Output, Mode: 99 });
    assert.equal((await download.finished).State, 'Finalized');
    assert.ok((await readFile(Output)).equals(content));
  });
});

async function play(agent: Agent, hostile: HostileCase, Output: string): Promise<Played> {
  await using server: HostileServer = await serveHostile(hostile.answer, hostile.tls);
  const Url = server.origin + (hostile.path ?? '/file.bin');
  const download = await agent.download({ Url, Output, Mode: 99, ...hostile.request });
  const hung = setTimeout(() => download.abort(), hangMs);
  try {
    const status = await download.finished;
    const file = await readFile(Output).catch(() => undefined);
    return { status, file, heads: server.heads };
  } finally {
    clearTimeout(hung);
  }
}
