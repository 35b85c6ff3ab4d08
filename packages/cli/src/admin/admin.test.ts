import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { startSource } from '../get/source-server.test-support.ts';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';

const run = promisify(execFile);

/** An agent that has downloaded one file, from a URL with secrets. */
async function world() {
  const stack = new AsyncDisposableStack();
  const home = stack.use(await temporaryHome());
  const bytes = randomBytes(300_000);
  const source = stack.use(await startSource({ '/f?token=s3cret': bytes }));
  const dataDir = home.path('agent');
  const flags = ['--data-dir', dataDir, '--peer-port', '0', '--listen-host', '127.0.0.1'];
  const agent = stack.use(startCli(['agent', ...flags, '--no-local-discovery'], home));
  await agent.firstLine();
  const sluice = (...args: string[]) => runCli([...args, '--data-dir', dataDir], home);
  const url = source.url('/f?token=s3cret').replace('://', '://user:hunter2@');
  const got = await sluice('get', url, '-o', home.path('out'), '-q');
  assert.equal(got.code, 0, got.stderr);
  return {
    home,
    source,
    dataDir,
    sluice,
    bytes,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

suite('the commands for who looks after an agent', () => {
  test('tell of its files, totals and month', async () => {
    await using w = await world();
    const [file] = JSON.parse((await w.sluice('status', '--json')).stdout);
    assert.equal(file.TotalBytesDownloaded, w.bytes.length);
    assert.equal(file.PredefinedCallerApplication, 'sluice get');
    const table = (await w.sluice('status')).stdout;
    assert.match(table, /^File +Status.*\n.*Complete +293 KiB/);
    assert.match((await w.sluice('status', '--verbose')).stdout, /^BytesFromHttp +: 300000$/m);
    const peers = JSON.parse((await w.sluice('status', '--peers', '--json')).stdout);
    assert.deepEqual(peers, [{ FileId: file.FileId, Peers: [] }]);
    const snap = JSON.parse((await w.sluice('perfsnap', '--json')).stdout);
    assert.deepEqual([snap.FilesDownloaded, snap.AverageDownloadSize], [1, w.bytes.length]);
    assert.equal(snap.BytesFromCdn, undefined);
    const more = JSON.parse((await w.sluice('perfsnap', '--verbose', '--json')).stdout);
    assert.equal(more.BytesFromCdn, w.bytes.length);
    const month = (await w.sluice('perfsnap', '--month')).stdout;
    assert.match(month, /^DownloadHttpBytes +: 300000$/m);
    const { TotalFiles } = JSON.parse((await w.sluice('log', '--analyze', '--json')).stdout);
    assert.equal(TotalFiles, 1);
  });

  test('order what it keeps', async () => {
    await using w = await world();
    assert.deepEqual(JSON.parse((await w.sluice('cache', 'list', '--json')).stdout), []);
    assert.equal((await w.sluice('cache', 'delete', '--force')).stdout, 'nothing to delete\n');
    const check = JSON.parse((await w.sluice('cache', 'verify', '--json')).stdout);
    assert.deepEqual(check, { Files: 0, Bytes: 0, Corrupt: [], Skipped: 0 });
    const unknown = await w.sluice('cache', 'pin', 'nothing');
    assert.match(unknown.stderr, /the store has no file nothing/);
    assert.notEqual(unknown.code, 0);
    const far = await w.sluice('cache', 'expire', '--on', '2999-01-01');
    assert.match(far.stderr, /at most a year ahead/);
    assert.equal((await w.sluice('cache', 'expire', '--on', 'soon')).code, 2);
  });

  test('examine it, and pack up what they found without a secret', async () => {
    await using w = await world();
    const args = ['doctor', '--json', '--generate-support-bundle', w.home.folder];
    const { code, stdout } = await w.sluice(...args);
    const { Checks, Settings, SupportBundle } = JSON.parse(stdout);
    const resultOf = (name: string) =>
      Checks.find((c: { Name: string }) => c.Name === name)?.Result;
    assert.equal(code, 1, 'no cloud: no peers');
    assert.equal(resultOf('Download mode'), 'Fail');
    for (const name of ['Service', 'Cache folder', 'State', 'Error log']) {
      assert.equal(resultOf(name), 'Pass', name);
    }
    assert.equal(Settings.DOMaxCacheAge, 259_200);
    assert.equal((await stat(SupportBundle)).mode & 0o777, 0o600);
    const { stdout: listed } = await run('tar', ['tzf', SupportBundle]);
    for (const name of ['doctor.json', 'config.json', 'status.json', 'logs/agent.log']) {
      assert.ok(listed.split('\n').includes(name), name);
    }
    const { stdout: all } = await run('tar', ['xzOf', SupportBundle]);
    assert.match(all, /TotalBytesDownloaded/);
    assert.doesNotMatch(all, /hunter2|s3cret/);
    const peersOnly = JSON.parse((await w.sluice('doctor', '--p2p', '--json')).stdout).Checks;
    assert.ok(peersOnly.every((c: { Group: string }) => c.Group === 'P2P'));
  });
});

test('without an agent the doctor says so, and the others end with 8', async () => {
  await using home = await temporaryHome();
  await writeFile(home.path('x'), '');
  const dir = ['--data-dir', home.folder];
  const { code, stdout } = await runCli(['doctor', ...dir], home);
  assert.equal(code, 1);
  assert.match(stdout, /^Fail +Service: no agent runs\n +Start it with/);
  for (const args of [['status'], ['perfsnap'], ['cache', 'list'], ['cache', 'verify']]) {
    const result = await runCli([...args, ...dir], home);
    assert.equal(result.code, 8, result.stderr);
  }
  assert.deepEqual(await readdir(home.folder), ['x']);
});
