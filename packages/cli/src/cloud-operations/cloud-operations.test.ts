import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';

test('checked, migrated, run, drained, backed up, examined', async () => {
  await using home = await temporaryHome();
  const dataDir = ['--data-dir', home.path('c')];
  const run = (...args: string[]) => runCli(['cloud', ...args], { env: home.env });
  const before = await run('migrate', '--check', ...dataDir);
  assert.equal(before.code, 1, before.stderr);
  assert.match(before.stdout, /^catalogue: missing 0001-content/m);
  const made = await run('migrate', '--json', ...dataDir);
  assert.equal(JSON.parse(made.stdout).Changed, true, made.stderr);

  await using cloud = startCli(
    ['cloud', '--listen', '127.0.0.1:0', '--drain', '1', '--json', ...dataDir],
    { env: home.env },
  );
  const url = JSON.parse(await cloud.firstLine()).Url;
  assert.equal((await fetch(`${url}/ready`)).status, 200);
  const stopped = cloud.stop('SIGTERM');
  // Until the process has its signal it is ready as before.
  let status = 200;
  while (status === 200) {
    const answer = await fetch(`${url}/ready`).catch(() => undefined);
    status = answer?.status ?? 0;
  }
  assert.ok([503, 0].includes(status), 'refused only on a machine so slow that the drain is over');
  assert.equal((await stopped).code, 0);

  const saved = await run('backup', home.path('b'), ...dataDir);
  assert.equal(saved.code, 0, saved.stderr);
  const doctor = await run('doctor', '--listen', '127.0.0.1:0', '--data-dir', home.path('b'));
  assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
  assert.match(doctor.stdout, /^ok +Database: SQLite files in the data directory, up to date$/m);
});
