import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cp, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { command, launcher, runCli, startCli, temporaryHome } from './run-cli.test-support.ts';

/** The Node.js of the system, which may be an older one than the tests run on. */
const systemNode = '/usr/bin/node';
const systemVersion = await versionOf(systemNode);
const isOld = systemVersion !== undefined && Number(systemVersion.split('.')[0]) < 22;
const skip = isOld ? false : 'the system has no Node.js older than 22';

async function versionOf(node: string): Promise<string | undefined> {
  try {
    const { stdout } = await runCli([], { command: [node, '-p', 'process.versions.node'] });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

test('prints the version from any folder, in process', async () => {
  const { code, stdout, stderr } = await runCli(['--version'], { command, cwd: '/' });
  assert.deepEqual([code, stdout, stderr], [0, '0.1.0\n', '']);
});

test('ends quietly when nobody reads the output, as a signal would end it', async () => {
  await using home = await temporaryHome();
  for (const args of [['--help'], ['agent', '--peer-port', '0', '--data-dir', home.path('data')]]) {
    await using cli = startCli(args, { env: home.env });
    cli.child.stdout!.destroy();
    await once(cli.child, 'exit');
    const { code, stderr } = await cli.stop('SIGTERM');
    assert.deepEqual([code, stderr], [141, ''], args[0]);
  }
});

test('works through a symbolic link, as npm makes them', async () => {
  await using home = await temporaryHome();
  await symlink(launcher, home.path('sluice'));
  const { code, stdout } = await runCli(['--version'], {
    command: [process.execPath, home.path('sluice')],
    cwd: home.folder,
  });
  assert.deepEqual([code, stdout], [0, '0.1.0\n']);
});

test('an old Node.js hands over to the pinned one', { skip }, async () => {
  await using home = await temporaryHome();
  await symlink(launcher, home.path('sluice'));
  const ran = await runCli(['--version'], {
    command: [systemNode, home.path('sluice')],
    cwd: '/',
  });
  assert.deepEqual([ran.code, ran.stdout, ran.stderr], [0, '0.1.0\n', '']);
});

test('an old Node.js passes exit codes on', { skip }, async () => {
  const { code, stderr } = await runCli(['get'], { command: [systemNode, launcher] });
  assert.equal(code, 2);
  assert.match(stderr, /^sluice: missing required argument 'url'\n/);
});

test('an old Node.js passes signals on, and one that it gets twice counts once', {
  skip,
}, async () => {
  await using home = await temporaryHome();
  await using cloud = startCli(['cloud', '--listen', '127.0.0.1:0'], {
    command: [systemNode, launcher],
    env: home.env,
  });
  assert.match(await cloud.firstLine(), /^sluice cloud ready at http:/);
  cloud.child.kill('SIGTERM');
  const { code, signal } = await cloud.stop('SIGTERM');
  assert.deepEqual([code, signal], [0, null]);
});

test('an old Node.js without the pinned one says what to do', { skip }, async () => {
  await using home = await temporaryHome();
  await mkdir(home.path('bin'));
  await cp(path.dirname(launcher), home.path('bin'), { recursive: true });
  await cp(path.join(path.dirname(launcher), '../package.json'), home.path('package.json'));
  const { code, stderr } = await runCli(['--version'], {
    command: [systemNode, home.path('bin/sluice.js')],
  });
  assert.equal(code, 1);
  assert.match(stderr, /^sluice: Node\.js 22\.19 or newer is needed, this is 20\..*\n.*npm ci/);
});
