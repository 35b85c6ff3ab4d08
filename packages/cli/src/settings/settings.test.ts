import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { SettingsView } from '@sluice/protocol/policy';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';

type Home = Awaited<ReturnType<typeof temporaryHome>>;

async function sluice(home: Home, args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runCli(args, { env: { ...home.env, ...env } });
  assert.deepEqual([code, stderr], [0, ''], args.join(' '));
  return stdout;
}

async function provider(home: Home, name: string, env = {}) {
  const view = JSON.parse(await sluice(home, ['config', 'show', '--json'], env)) as SettingsView;
  const found = view.Settings.find((s) => s.Name === name);
  return [found?.Value, found?.Provider];
}

const mdm = JSON.stringify({ DODownloadMode: 3, DOMaxCacheAge: 'x', DONothing: 1 });

test('without an agent: set, shown with its provider, and taken back', async () => {
  await using home = await temporaryHome();
  const env = { SLUICE_DODownloadMode: '0' };
  assert.deepEqual(await provider(home, 'DODownloadMode'), [1, 'Default']);
  assert.deepEqual(await provider(home, 'DODownloadMode', env), [0, 'Environment']);
  const set = ['config', 'set', 'dodownloadmode=2', 'DOCacheHost=a,b'];
  assert.equal(
    await sluice(home, set),
    'DODownloadMode is 2 (admin)\nDOCacheHost is a,b (admin)\n',
  );
  assert.deepEqual(await provider(home, 'DODownloadMode', env), [2, 'Admin']);
  assert.equal(await sluice(home, ['config', 'get', 'DOCacheHost']), 'a,b\n');
  await sluice(home, ['config', 'reset', 'DODownloadMode']);
  assert.deepEqual(await provider(home, 'DODownloadMode'), [1, 'Default']);
  await sluice(home, ['config', 'reset']);
  assert.deepEqual(await provider(home, 'DOCacheHost'), [null, 'Default']);
});

test('what is wrong is refused with 2, and changes nothing', async () => {
  await using home = await temporaryHome();
  for (const args of [
    ['set', 'DODownloadMode=5'],
    ['set', 'DONothing=1'],
    ['set', 'DODownloadMode'],
    ['set'],
    ['get', 'DONothing'],
    ['reset', 'DONothing'],
  ]) {
    const { code, stderr } = await runCli(['config', ...args], { env: home.env });
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /^(sluice|error): /);
  }
  assert.deepEqual(await provider(home, 'DODownloadMode'), [1, 'Default']);
});

test('an import holds above the admin; what is wrong in it is told', async () => {
  await using home = await temporaryHome();
  await sluice(home, ['config', 'set', 'DODownloadMode=0']);
  await writeFile(home.path('mdm.json'), mdm);
  const told = await sluice(home, ['policy', 'import', home.path('mdm.json')]);
  assert.match(told, /^1 settings of MDM imported from JSON$/m);
  assert.match(told, /^not taken from MDM \(.*\): DOMaxCacheAge=x: it takes a whole number/m);
  assert.match(told, /DONothing=1: there is no such setting/);
  assert.deepEqual(await provider(home, 'DODownloadMode'), [3, 'Mdm']);
  const bad = await runCli(['policy', 'import', home.path('none')], { env: home.env });
  assert.equal(bad.code, 2);
});

test('a running agent: changes hold at once and stay; SIGHUP reads files anew', async () => {
  await using home = await temporaryHome();
  const dataDir = home.path('data');
  const at = ['--data-dir', dataDir];
  const start = [
    'agent',
    '--peer-port',
    '0',
    '--no-local-discovery',
    '--set',
    'DOMinRAMAllowedToPeer=2',
  ];
  await using agent = startCli([...start, ...at], { env: home.env });
  await agent.firstLine();
  assert.match(
    await sluice(home, ['config', 'set', 'DODownloadMode=0', ...at]),
    /^DODownloadMode is 0 \(admin\)$/m,
  );
  assert.match(
    await sluice(home, ['config', 'show', ...at]),
    /^DOMinRAMAllowedToPeer +2 {2}command line/m,
  );
  const file = `${dataDir}/settings.json`;
  const stored = JSON.parse(await readFile(file, 'utf8'));
  assert.deepEqual(stored.Admin, { DODownloadMode: 0 });
  await writeFile(file, JSON.stringify({ Admin: { DODownloadMode: 3 } }));
  agent.child.kill('SIGHUP');
  for (let tries = 0; ; tries++) {
    if ((await sluice(home, ['config', 'get', 'DODownloadMode', ...at])) === '3\n') break;
    assert.ok(tries < 50, 'the agent does not read its files at SIGHUP');
  }
  assert.equal((await agent.stop('SIGTERM')).code, 0);
});

test('what another user owns is not to be changed', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs to give a folder away');
  await using home = await temporaryHome();
  const { chown } = await import('node:fs/promises');
  await mkdir(home.path('data'));
  await chown(home.path('data'), 65_534, 65_534);
  const args = ['config', 'set', 'DODownloadMode=0', '--data-dir', home.path('data')];
  const { code, stderr } = await runCli(args, { env: home.env });
  assert.equal(code, 2);
  assert.match(stderr, /belong to user 65534/);
});
