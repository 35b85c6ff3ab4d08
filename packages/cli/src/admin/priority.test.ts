import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { startSource } from '../get/source-server.test-support.ts';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';

const mib = 1024 ** 2;

test('sluice priority moves a download of the running agent, by URL, FileId or Id', async () => {
  await using home = await temporaryHome();
  await using server = await startSource({ '/f': randomBytes(3 * mib) });
  const options = { cwd: home.folder, env: home.env };
  const agentFlags = ['--peer-port', '0', '--listen-host', '127.0.0.1', '--no-local-discovery'];
  await using agent = startCli(['agent', ...agentFlags], options);
  await agent.firstLine();
  const sluice = (...args: string[]) => runCli(args, options);
  server.source.limit = mib;
  const url = server.url('/f');
  await using get = startCli(['get', url, '-q'], options);
  await server.source.limitReached;
  const moved = await sluice('priority', url, 'foreground');
  assert.deepEqual([moved.code, moved.stdout], [0, `${url} is in the foreground now\n`]);
  const [status] = JSON.parse((await sluice('status', '--json')).stdout);
  assert.equal(status.Priority, 'Foreground');
  const back = await sluice('priority', status.FileId, 'background', '--json');
  const { Id, Priority } = JSON.parse(back.stdout);
  assert.equal(Priority, 'Background');
  assert.equal((await sluice('priority', Id, 'foreground')).code, 0);
  const wrong = await sluice('priority', Id, 'urgent');
  assert.match(wrong.stderr, /foreground, background/);
  assert.equal(wrong.code, 2);
  assert.match(
    (await sluice('priority', 'nope', 'foreground')).stderr,
    /there is no download nope/,
  );
  server.source.limit = Number.POSITIVE_INFINITY;
  await new Promise((resolve) => get.child.once('close', resolve));
  const late = await sluice('priority', Id, 'background');
  assert.match(late.stderr, /has ended: it is Finalized/);
  assert.notEqual(late.code, 0);
  const { stdout } = await sluice('why', Id);
  assert.match(
    stdout,
    /it is in the foreground from now on[\s\S]*it is in the background from now/,
  );
});
