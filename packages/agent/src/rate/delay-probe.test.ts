import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { CountingClock } from '../testing/counting-clock.test-kit.ts';
import { tcpDelayProbe } from './delay-probe.ts';

const host = '127.0.0.1';
const never = new AbortController().signal;

test('times a connection and leaves none behind', async () => {
  const clock = new CountingClock();
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const gone = new Promise<void>((resolve) => {
    // The reset shows as an error there, and then as the end.
    server.on('connection', (socket) => socket.on('close', () => resolve()).on('error', () => {}));
  });
  const probe = tcpDelayProbe(clock);
  for (let round = 0; round < 2; round++) {
    const { ms, slackMs } = await probe({ host, port }, never);
    assert.ok(ms >= 0 && ms < 2_000 && slackMs <= ms, `${ms} ${slackMs}`);
  }
  await gone;
  assert.equal(clock.pending, 0);
  server.close();
  await once(server, 'close');
  await assert.rejects(probe({ host, port }, never), { code: 'ECONNREFUSED' });
  assert.equal(clock.pending, 0);
});

test('an abort ends it at once', async () => {
  const clock = new CountingClock();
  const control = new AbortController();
  const probe = tcpDelayProbe(clock)({ host: '127.0.0.1', port: 1 }, control.signal);
  control.abort();
  await assert.rejects(probe, (e) => isSluiceError(e, 'Cancelled'));
  const late = tcpDelayProbe(clock)({ host, port: 1 }, control.signal);
  await assert.rejects(late, (e) => isSluiceError(e, 'Cancelled'));
  assert.equal(clock.pending, 0);
});
