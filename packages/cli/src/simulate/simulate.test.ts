import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { runCli } from '../run-cli.test-support.ts';

const scenario = {
  name: 'three',
  content: { pieces: 8 },
  source: { mbit: 80 },
  sites: [{ name: 'office' }],
  devices: [{ site: 'office', count: 3, downMbit: 1000, upMbit: 1000 }],
  expect: { sourceCopies: 1 },
};
let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-simulate-'));
});
after(() => rm(folder, { recursive: true }));

async function write(name: string, change: object): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, JSON.stringify({ ...scenario, ...change }));
  return file;
}

test('a run is told as a table, with the binding term and the limits', async () => {
  const { code, stdout, stderr } = await runCli(['simulate', await write('good.json', {})]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^three, seed 1: 3 devices, 8\.00 MiB in 8 pieces$/m);
  assert.match(stdout, /^bound .*\(source\)$/m);
  assert.match(stdout, /^sourceCopies +1 +≤ +1 +met$/m);
});

test('--json prints one object; --seed makes another run', async () => {
  const file = await write('good.json', {});
  const runs = await Promise.all(
    ['1', '2'].map((seed) => runCli(['simulate', file, '--seed', seed, '--json'])),
  );
  const [a, b] = runs.map((run) => JSON.parse(run.stdout));
  assert.deepEqual([a.seed, b.seed, a.devices], [1, 2, 3]);
  assert.notEqual(a.times.last, b.times.last);
  assert.ok(a.cpuSeconds > 0);
});

test('a missed limit ends with 1', async () => {
  const file = await write('missed.json', { expect: { sourceCopies: 0.5 } });
  const { code, stdout, stderr } = await runCli(['simulate', file]);
  assert.deepEqual([code, stderr], [1, '']);
  assert.match(stdout, /^sourceCopies .* MISSED$/m);
});

test('who never gets all, and that there is nobody to measure, are told in words', async () => {
  const source = { mbit: 80, down: [{ from: 0 }] };
  const stuck = await write('stuck.json', { source, model: { maxSeconds: 60 }, expect: {} });
  const { code, stdout } = await runCli(['simulate', stuck]);
  assert.equal(code, 1);
  assert.match(stdout, /^time +never +never/m);
  assert.match(stdout, /^HTTP alone +the slowest device never came to its end$/m);
  const devices = [{ site: 'office', downMbit: 1000, upMbit: 1000, has: 1 }];
  const done = await runCli(['simulate', await write('done.json', { devices, expect: {} })]);
  assert.equal(done.code, 0);
  assert.match(done.stdout, /^time +– +–/m);
  assert.match(done.stdout, /^ratio to the bound +– +–/m);
  assert.doesNotMatch(stdout + done.stdout, /NaN|Infinity/);
});

test('a faulty scenario ends with 2 and says where; a missing one says so', async () => {
  const file = await write('bad.json', { source: { mbit: -1 } });
  const bad = await runCli(['simulate', file]);
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /\/source\/mbit must be > 0/);
  const missing = await runCli(['simulate', path.join(folder, 'none.json')]);
  assert.notEqual(missing.code, 0);
  assert.match(missing.stderr, /none\.json/);
});
