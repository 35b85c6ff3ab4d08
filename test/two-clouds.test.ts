/** Clouds that share a database and a swarm store, behind a load balancer: none of them is needed. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ServerProcess } from '@sluice/cli';
import { freePort, noPostgres, noValkey, startPostgres, startValkey } from '@sluice/cloud/testing';
import { MiB, reached, startTestFleet } from './fleet.test-kit.ts';

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
const noNginx = spawnSync('nginx', ['-v'], { env }).error && 'no nginx here';
const skip = noPostgres || noValkey || noNginx || false;

test('with the first or second of two clouds killed half-way, all devices finish', {
  skip,
}, async (t) => {
  await using stores = new AsyncDisposableStack();
  const postgres = await startPostgres();
  stores.defer(() => postgres.stop());
  const valkey = await startValkey();
  stores.defer(() => valkey.stop());
  for (const which of ['first', 'second'] as const) {
    await using clouds = new AsyncDisposableStack();
    const shared = [
      ...['--database', await postgres.emptyDatabase(), '--swarm-store', valkey.url],
      ...['--trusted-proxy', '127.0.0.1'],
    ];
    let second!: ServerProcess;
    await using fleet = await startTestFleet({
      devices: 4,
      size: 16 * MiB,
      sourceRate: 12 * MiB,
      cloudFlags: shared,
      async front(first) {
        const folder = await mkdtemp(path.join(tmpdir(), 'sluice-clouds-'));
        clouds.defer(() => rm(folder, { recursive: true, force: true }));
        const flags = ['--listen', '127.0.0.1:0', '--data-dir', path.join(folder, 'cloud')];
        second = await ServerProcess.start(['cloud', ...flags, ...shared], t.signal);
        clouds.defer(() => second.stop());
        const balancer = await startBalancer(folder, [first, String(second.ready.Url)]);
        clouds.defer(() => balancer.stop());
        return balancer.url;
      },
    });
    const { devices, cloud } = fleet.fleet;
    const half = reached(0.4);
    const ends = devices.map((device, i) =>
      fleet.fetch(device, i === 0 ? half.onStatus : undefined),
    );
    await half.promise;
    await (which === 'first' ? cloud : second).kill();
    const statuses = await Promise.all(ends);
    for (const [i, status] of statuses.entries()) await fleet.assertDelivered(devices[i]!, status);
    const fromPeers = statuses.reduce((sum, status) => sum + status.BytesFromLanPeers, 0);
    assert.ok(fromPeers > 16 * MiB, `the clouds knew of each other's devices: ${fromPeers}`);
  }
});

async function startBalancer(folder: string, clouds: string[]) {
  const port = await freePort();
  const servers = clouds.map((url) => `server ${new URL(url).host} max_fails=1 fail_timeout=10s;`);
  const config = path.join(folder, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  await writeFile(
    config,
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
    http { access_log off; ${paths}
      upstream clouds { ${servers.join(' ')} }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://clouds; proxy_next_upstream error timeout non_idempotent;
          proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
        }
      }
    }`,
  );
  const nginx = spawn('nginx', ['-c', config, '-p', folder, '-e', `${folder}/error.log`], { env });
  const exited = once(nginx, 'exit');
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${url}/health`).then(
      (reply) => reply.ok,
      () => false,
    ))
  ) {
    assert.equal(nginx.exitCode, null, 'nginx runs');
  }
  return {
    url,
    async stop() {
      nginx.kill();
      await exited;
    },
  };
}
