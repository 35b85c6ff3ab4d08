import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const main = path.resolve(import.meta.dirname, '../../bin/sluice.js');

test('makes a request, and takes up what the authority makes of it', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const env = { ...process.env, SLUICE_DATA_DIR: folder };
  const sluice = (...args: string[]) =>
    spawnSync(process.execPath, [main, 'cache-node', ...args], { env, encoding: 'utf8' });
  const made = sluice(
    'csr',
    '--cn',
    'c.example',
    '--san',
    'dns:c.example',
    'ip:10.0.0.1',
    '--json',
  );
  assert.equal(made.status, 0, made.stderr);
  const { Request, Key } = JSON.parse(made.stdout);
  const signed = path.join(folder, 'signed.pem');
  execFileSync(
    'openssl',
    [
      ...['x509', '-req', '-in', Request, '-signkey', Key, '-days', '3'],
      ...['-copy_extensions', 'copy', '-out', signed],
    ],
    { stdio: 'pipe' },
  );
  const taken = sluice('import-cert', signed);
  assert.equal(taken.status, 0, taken.stderr);
  assert.match(
    taken.stdout,
    /certificate\.pem: for DNS:c\.example, IP Address:10\.0\.0\.1, until /,
  );
  const again = sluice('csr', '--cn', 'c.example', '--san', 'dns:c.example');
  assert.notEqual(again.status, 0);
  assert.match(again.stderr, /have .* signed again/);
});
