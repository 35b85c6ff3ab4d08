import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { launcher, startCli, temporaryHome } from '../run-cli.test-support.ts';
import { socketFromSystemd } from './socket-activation.ts';

test('takes the first socket that was meant for this process or its launcher', () => {
  const found = (env: Record<string, string>) => socketFromSystemd(env, [7, 8]);
  assert.deepEqual(found({ LISTEN_PID: '7', LISTEN_FDS: '1' }), { fd: 3 });
  assert.deepEqual(found({ LISTEN_PID: '8', LISTEN_FDS: '2' }), { fd: 3 });
  assert.equal(found({ LISTEN_PID: '9', LISTEN_FDS: '1' }), undefined, 'somebody else’s');
  assert.equal(found({ LISTEN_PID: '7', LISTEN_FDS: '0' }), undefined);
  assert.equal(found({ LISTEN_PID: '7' }), undefined);
  assert.equal(found({}), undefined);
});

const activate = '/usr/bin/systemd-socket-activate';

test('serves the port that systemd has opened', {
  skip: !existsSync(activate) && 'needs systemd-socket-activate',
}, async () => {
  await using home = await temporaryHome();
  // Below those that the system gives to connections, one of which may have it just now.
  const port = 20_000 + (process.pid % 12_000);
  const env = ['HOME', 'PATH', 'NODE_COMPILE_CACHE'].map((name) => `--setenv=${name}`);
  const command = [activate, `--listen=127.0.0.1:${port}`, ...env] as const;
  const node = [process.execPath, launcher, 'cache-node', '--allow', 'h', '--log-level', 'error'];
  await using server = startCli(node, { command, env: home.env });
  // The first connection starts it; the socket holds it until the node is there.
  let answer: Response | undefined;
  for (let i = 0; !answer && i < 100; i++) {
    answer = await fetch(`http://127.0.0.1:${port}/summary`).catch(() => undefined);
    if (!answer) await pause(100);
  }
  assert.equal(answer?.status, 200);
  assert.equal(await server.firstLine(), `sluice cache-node ready at http://127.0.0.1:${port}`);
  assert.equal((await server.stop('SIGTERM')).code, 0);
});
