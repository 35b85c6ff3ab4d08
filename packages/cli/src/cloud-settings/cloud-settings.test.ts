/** What a cloud sets: from its admin’s command to what a device does, by real processes. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { DownloadStatus } from '@sluice/protocol';
import type { SettingsView } from '@sluice/protocol/policy';
import { startSource } from '../get/source-server.test-support.ts';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';

const content = Buffer.alloc(300_000, 'sluice');

async function world() {
  const stack = new AsyncDisposableStack();
  const home = stack.use(await temporaryHome());
  const { env } = home;
  const server = startCli(['cloud', '--json', '--listen', '127.0.0.1:0'], { env });
  const cloud = stack.use(server);
  const { Url: cloudUrl } = JSON.parse(await cloud.firstLine()) as { Url: string };
  const source = stack.use(await startSource({ '/file': content }));
  const run = (...args: string[]) => runCli(args, { env });
  const sluice = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  return {
    ...{ home, env, cloudUrl, run, sluice },
    url: () => source.url('/file'),
    setting: async (name: string) => {
      const view = JSON.parse(await sluice('config', 'show', '--json')) as SettingsView;
      const { Value, Provider, Origin } = view.Settings.find((s) => s.Name === name)!;
      return { Value, Provider, Origin };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('set in the cloud, it is shown on a device with who set it, and takes effect', async () => {
  await using w = await world();
  const { sluice, cloudUrl } = w;
  const set = ['cloud-settings', '--cloud', cloudUrl];
  assert.equal(await sluice(...set), 'the cloud sets nothing\n');
  await sluice(...set, 'DOMaxCacheAge=60', 'DOMinRAMAllowedToPeer=2');
  assert.equal(
    await sluice(...set, '--forced', 'dodownloadmode=0'),
    'DODownloadMode=0  forced\nDOMaxCacheAge=60\nDOMinRAMAllowedToPeer=2\n',
  );
  await sluice('config', 'set', 'DODownloadMode=3', 'DOMinRAMAllowedToPeer=1');
  await writeFile(w.home.path('file'), content);
  await sluice('publish', w.home.path('file'), '--url', w.url(), '--cloud', cloudUrl);

  const agentArgs = ['--cloud', cloudUrl, '--peer-port', '0', '--no-local-discovery'];
  await using agent = startCli(['agent', ...agentArgs], { env: w.env });
  await agent.firstLine();
  // The download asks the cloud, and so has its settings, however late the agent would ask by itself.
  const out = w.home.path('out');
  const got = await sluice('get', w.url(), '--json', '--mode', '3', '-o', out);
  const status = JSON.parse(got.trim().split('\n').at(-1)!) as DownloadStatus;
  assert.deepEqual([status.State, status.Verified], ['Finalized', true]);
  assert.deepEqual(await w.setting('DODownloadMode'), {
    Value: 0,
    Provider: 'CloudForced',
    Origin: cloudUrl,
  });
  assert.equal((await w.setting('DOMaxCacheAge')).Provider, 'CloudDefault');
  assert.deepEqual((await w.setting('DOMinRAMAllowedToPeer')).Provider, 'Admin');
  // Known from now on, the mode binds a download that asks for more.
  const again = await sluice('get', w.url(), '--json', '--mode', '3', '-o', w.home.path('again'));
  const second = JSON.parse(again.trim().split('\n').at(-1)!) as DownloadStatus;
  assert.equal(second.DownloadMode, 'CdnOnly');
});

test('wrong settings are refused by name, and strangers get none', async () => {
  await using w = await world();
  const set = ['cloud-settings', '--cloud', w.cloudUrl];
  for (const [args, message] of [
    [['DODownloadMode=7'], /DODownloadMode/],
    [['DONothing=1'], /DONothing/],
    [['--unset', 'DONothing'], /DONothing/],
  ] as const) {
    const { code, stderr } = await w.run(...set, ...args);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
  await writeFile(w.home.path('token'), 'another');
  const stranger = await w.run(...set, '--token-file', w.home.path('token'));
  assert.notEqual(stranger.code, 0);
  assert.match(stranger.stderr, /admin token/);
  assert.equal(await w.sluice(...set, 'DOMaxCacheAge=5'), 'DOMaxCacheAge=5\n');
  assert.equal(await w.sluice(...set, '--unset', 'DOMaxCacheAge'), 'the cloud sets nothing\n');
});
