import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { NodeStatus } from '@sluice/connected-cache';
import { startSource } from '../get/source-server.test-support.ts';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';
import { dhcpLines } from './dhcp-lines.ts';

const content = Buffer.alloc(300_000, 'sluice');

test('the lines for DHCP servers name the hosts in their order', () => {
  const hosts = [
    { host: 'cache.example.com', port: undefined },
    { host: '10.0.0.5', port: 8081 },
  ];
  const value = 'cache.example.com,10.0.0.5:8081';
  assert.equal(dhcpLines('dnsmasq', hosts), `dhcp-option=235,"${value}"`);
  assert.match(dhcpLines('isc', hosts), new RegExp(`code 235 = text;\n.* "${value}";$`));
  const kea = JSON.parse(dhcpLines('kea', hosts));
  // A comma parts fields there, unless it is escaped.
  assert.equal(kea['option-data'][0].data, value.replace(',', '\\,'));
  assert.deepEqual([kea['option-def'][0].code, kea['option-def'][0].type], [235, 'string']);
  assert.match(dhcpLines('windows', hosts), new RegExp(`-OptionId 235 -Value '${value}'$`));
});

test('a running node is preheated, shows what it did, and writes its log anew', async () => {
  await using home = await temporaryHome();
  await using source = await startSource({ '/one': content, '/two': content });
  const { env } = home;
  const log = home.path('access.log');
  const host = new URL(source.url('/one')).host;
  const args = ['cache-node', '--json', '--listen', '127.0.0.1:0', '--allow', host];
  const logged = ['--access-log', log, '--access-log-format', 'json'];
  await using node = startCli([...args, ...logged, '--log-level', 'error'], { env });
  const { Url: url } = JSON.parse(await node.firstLine()) as { Url: string };
  const list = home.path('urls');
  await writeFile(list, `# those of today\n${source.url('/two')}\n\nhttp://elsewhere.example/x\n`);
  const order = ['cache-node', 'preheat', source.url('/one'), '--from', list];
  const preheated = await runCli([...order, '--rate', '100MB/s', '--json'], { env });
  assert.equal(preheated.code, 1, preheated.stderr);
  const results = preheated.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const states = Object.fromEntries(results.map((r) => [new URL(r.Url).pathname, r.State]));
  assert.deepEqual(states, { '/one': 'Fetched', '/two': 'Fetched', '/x': 'Failed' });

  const got = await fetch(`${url}/one?secret=1&cacheHostOrigin=${host}`);
  await got.arrayBuffer();
  const warm = await fetch(`${url}/two?cacheHostOrigin=${host}`);
  assert.equal(warm.headers.get('x-cache'), 'HIT');
  assert.deepEqual(Buffer.from(await warm.arrayBuffer()), content);
  const { stdout } = await runCli(['cache-node', 'status', '--json'], { env });
  const status = JSON.parse(stdout) as NodeStatus;
  assert.equal(status.State, 'Healthy');
  assert.ok(status.Summary.hitBytes >= content.length);
  const text = await runCli(['cache-node', 'status'], { env });
  assert.match(text.stdout, /^State +Healthy$/m);

  await rename(log, `${log}.1`);
  node.child.kill('SIGHUP');
  let lines = '';
  while (lines === '') {
    await fetch(`${url}/two?cacheHostOrigin=${host}`).then((r) => r.arrayBuffer());
    await pause(20);
    lines = await readFile(log, 'utf8').catch(() => '');
  }
  const first = JSON.parse((await readFile(`${log}.1`, 'utf8')).split('\n')[0]!);
  assert.deepEqual([first.Target, first.Source], ['/one?***', host]);
  assert.equal((await node.stop('SIGTERM')).code, 0);
  const gone = await runCli(['cache-node', 'status'], { env });
  assert.equal(gone.code, 8);
});
