import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startCloud, temporaryDir } from '../cloud.test-support.ts';
import { skew, state } from './database-checks.ts';
import { examineCloud } from './examine.ts';
import { trustedProxies } from './network-checks.ts';
import { judge } from './swarm-store-check.ts';
import { expiry } from './tls-check.ts';

const results = (findings: Awaited<ReturnType<typeof examineCloud>>) =>
  Object.fromEntries(findings.map(({ Name, Result }) => [Name, Result]));

test('a cloud that runs is well, except for what is there to be seen', async (t) => {
  const { cloud, dataDir } = await startCloud(t);
  await chmod(dataDir, 0o750);
  await chmod(cloud.adminTokenFile, 0o644);
  const { hostname: host, port } = new URL(cloud.url);
  const listen = { host, port: Number(port) };
  const findings = await examineCloud({ dataDir, listen, trustedProxies: ['127.0.0.1'] });
  const { Disk: _, ...found } = results(findings);
  assert.deepEqual(found, {
    ...{ 'Data directory': 'Warn', 'Admin token': 'Fail', Database: 'Ok' },
    ...{ 'Swarm store': 'Ok', Port: 'Warn', 'Trusted proxies': 'Ok', Certificate: 'Ok' },
  });
  for (const { Result, Remedy } of findings) assert.equal(Remedy === '', Result === 'Ok');
});

test('stores that are away, and files that are none, are found, one by one, without passwords', async (t) => {
  const dir = await temporaryDir(t);
  await mkdir(join(dir, 'data'), { mode: 0o700 });
  await writeFile(join(dir, 'data', 'admin-token'), 'short', { mode: 0o600 });
  const findings = await examineCloud({
    dataDir: join(dir, 'data'),
    listen: { host: '127.0.0.1', port: 0 },
    database: 'postgres://u:geheim@127.0.0.1:1/d',
    swarmStore: 'http://u:geheim@h',
    trustedProxies: [],
    tls: { kind: 'files', certFile: join(dir, 'none'), keyFile: join(dir, 'none') },
  });
  const { Disk: _, ...found } = results(findings);
  assert.deepEqual(found, {
    ...{ 'Data directory': 'Ok', 'Admin token': 'Fail', Database: 'Fail', 'Swarm store': 'Fail' },
    ...{ Port: 'Ok', 'Trusted proxies': 'Warn', Certificate: 'Fail' },
  });
  assert.doesNotMatch(JSON.stringify(findings), /geheim/);
});

test('what is judged by figures', () => {
  const steps = { name: 'a', done: [], missing: [], unknown: [] };
  const verdicts = [
    state([steps], true),
    state([{ ...steps, missing: ['1'] }], true),
    state([{ ...steps, unknown: ['9'] }], true),
    skew(1_500, 1_000, 2_000),
    skew(5_000, 1_000, 2_000),
    skew(1_000, 40_000, 41_000),
    expiry(0, 86_400_000 * 15, 0),
    expiry(0, 86_400_000 * 14 - 1, 0),
    expiry(0, 1_000, 1_000),
    expiry(1_000, 2_000, 0),
    judge({ version: '8.1.0', maxBytes: 1, policy: 'volatile-ttl' }),
    judge({ version: '8.1.0', maxBytes: 0, policy: 'noeviction' }),
    judge({ version: '8.1.0', maxBytes: 1, policy: 'noeviction' }),
    judge({ version: '6.2.7', maxBytes: 1, policy: 'volatile-ttl' }),
    trustedProxies(['10.0.0.0/8'], '0.0.0.0'),
    trustedProxies(['10.0.0.0/24', '2001:db8::/64'], '0.0.0.0'),
  ].map(({ Result }) => Result);
  assert.deepEqual(verdicts, [
    ...['Ok', 'Warn', 'Fail', 'Ok', 'Warn', 'Fail', 'Ok', 'Warn', 'Fail', 'Fail'],
    ...['Ok', 'Warn', 'Warn', 'Fail', 'Warn', 'Ok'],
  ]);
});
