/** What an admin asks a cloud about contents, by real commands. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createCloud } from '@sluice/cloud';
import { startSource } from '../get/source-server.test-support.ts';
import { runCli, temporaryHome } from '../run-cli.test-support.ts';

const adminToken = 'the-admin-token-of-this-test';

async function world() {
  const stack = new AsyncDisposableStack();
  const home = stack.use(await temporaryHome());
  const source = stack.use(await startSource({ '/file': Buffer.alloc(300_000, 'sluice') }));
  const cloud = stack.use(
    await createCloud({
      ...{ dataDir: home.path('cloud'), listen: { host: '127.0.0.1', port: 0 }, adminToken },
      ingest: { allow: [new URL(source.url('/')).host] },
    }),
  );
  const env = { ...home.env, SLUICE_CLOUD: cloud.url, SLUICE_ADMIN_TOKEN: adminToken };
  return {
    ...{ home, cloud, url: source.url('/file') },
    sluice: (...args: string[]) => runCli(['cloud', ...args], { env, cwd: home.folder }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('ingest: added, listed, in the log; a log that somebody changed is told', async () => {
  await using w = await world();
  assert.equal((await w.sluice('ingest', 'add', w.url)).code, 0);
  for (;;) {
    const headers = { authorization: `Bearer ${adminToken}` };
    const reply = await fetch(`${w.cloud.url}/admin/ingest`, { headers });
    const { Jobs } = (await reply.json()) as { Jobs: { State: string }[] };
    if (Jobs[0]?.State === 'Done') break;
  }
  const list = await w.sluice('ingest', 'list', '--state', 'Done');
  assert.match(list.stdout, /^[0-9a-f]{32} {2}Done {2}http:\S+\/file {2}293 KiB\n$/);
  const removed = await w.sluice('ingest', 'remove', list.stdout.slice(0, 32));
  assert.deepEqual([removed.code, removed.stderr], [0, '']);
  const again = await w.sluice('ingest', 'retry', list.stdout.slice(0, 32));
  assert.equal(again.code, 8);

  const verified = await w.sluice('log', '--verify');
  const head = /^1 entries, unbroken\nhead {2}(1:[0-9a-f]{64})\n$/.exec(verified.stdout)?.[1];
  assert.ok(head, verified.stdout);
  assert.equal((await w.sluice('log', '--verify', '--head', head, '--json')).code, 0);
  const db = new DatabaseSync(w.home.path('cloud/hash-log.sqlite'));
  db.exec(`UPDATE hash_log SET url = 'http://other/'`);
  const changed = await w.sluice('log', '--verify');
  assert.equal(changed.code, 5);
  assert.match(changed.stderr, /entry 1 does not follow/);
  db.exec('DELETE FROM hash_log');
  db.close();
  const cut = await w.sluice('log', '--verify', '--head', head);
  assert.match(cut.stderr, /it ends before entry 1/);
  await writeFile(w.home.path('token'), 'another-token');
  assert.equal((await w.sluice('log', '--token-file', 'token')).code, 8);
});

test('content-policy: rules from a file, blocks by name', async () => {
  await using w = await world();
  const rules = [{ Name: 'lab', Match: { Callers: ['lab-.*'] }, Allow: { P2P: false } }];
  await writeFile(w.home.path('rules.json'), JSON.stringify({ Rules: rules }));
  assert.equal((await w.sluice('content-policy', 'set', 'rules.json')).code, 0);
  const shown = JSON.parse((await w.sluice('content-policy', 'show')).stdout);
  assert.deepEqual(shown.Rules, rules);
  await writeFile(w.home.path('rules.json'), JSON.stringify([{ Name: 'lab' }]));
  const wrong = await w.sluice('content-policy', 'set', 'rules.json');
  assert.equal(wrong.code, 8);
  assert.match(wrong.stderr, /Match/);
  const flags = ['--url-prefix', 'http://h/x', '--http-only', '--reason', 'recalled'];
  const id = (await w.sluice('content-policy', 'block', ...flags)).stdout.trim();
  const blocks = await w.sluice('content-policy', 'blocks');
  assert.equal(blocks.stdout, `${id}  HttpOnly  http://h/x  recalled\n`);
  assert.equal((await w.sluice('content-policy', 'unblock', id)).code, 0);
  const Variants = [{ Name: 'v', Weight: 1, Settings: { DOMaxCacheAge: 9 } }];
  const rollouts = [{ Name: 'r', Kind: 'Default', Stages: [{ Percent: 100 }], Variants }];
  await writeFile(w.home.path('rollouts.json'), JSON.stringify(rollouts));
  assert.equal((await w.sluice('rollouts', 'set', 'rollouts.json')).code, 0);
  const { stdout } = await w.sluice('rollouts', 'effective', '0'.repeat(40));
  assert.match(stdout, /^DOMaxCacheAge +9 +Default +r\nrollout r: in, variant v \(ring \d/);
  assert.equal((await w.sluice('rollouts', 'pause', 'r')).code, 0);
  const shownRollouts = async () => JSON.parse((await w.sluice('rollouts', 'show')).stdout);
  assert.ok(Date.parse((await shownRollouts()).Rollouts[0].PausedAt) > 0);
  assert.equal((await w.sluice('rollouts', 'resume', 'r')).code, 0);
  assert.deepEqual((await shownRollouts()).Rollouts, rollouts);
  assert.match((await w.sluice('rollouts', 'pause', 'other')).stderr, /no such rollout/);
});
