import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { suite, test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import { claimDataDir } from '../data-dir/claim-data-dir.ts';
import { Device } from '../testing/device.test-kit.ts';
import { DoConfig } from './do-config.ts';
import { makeWay } from './make-way.ts';
import { listenInRange } from './port-file.ts';
import { openDoCompat } from './serve-do-compat.ts';
import { doWorld } from './testing/do-world.test-kit.ts';
import { discoverPort, SdkClient } from './testing/sdk-client.test-kit.ts';

const logger = pino({ level: 'silent' });

async function folders() {
  const device = await Device.create();
  return { device, runDir: device.path('data-run'), configDir: device.path('data-etc') };
}

suite('discovery (do-client-contract.md §1)', () => {
  test('one port file, made after all older ones are gone, and it stays', async () => {
    const { device, runDir, configDir } = await folders();
    await using _device = device;
    await mkdir(runDir);
    for (const name of ['restport.1', 'my-restport-x', 'other']) {
      await writeFile(`${runDir}/${name}`, '1\n');
    }
    const compat = await openDoCompat({ runDir, configDir });
    assert.deepEqual((await readdir(runDir)).sort(), ['other', `restport.${process.pid}`]);
    assert.equal(discoverPort(runDir), compat.port);
    assert.ok(compat.port >= 50_000 && compat.port <= 60_999);
    assert.equal(await readFile(compat.portFile, 'utf8'), `${compat.port}\n`);
    assert.equal((await stat(compat.portFile)).mode & 0o777, 0o444);
    await compat.close();
    assert.ok((await stat(compat.portFile)).isFile());
    assert.equal(await readFile(compat.portFile, 'utf8'), '', 'empty after close');
  });

  test('one that has another’s file by now does not empty that', async () => {
    const { device, runDir, configDir } = await folders();
    await using _device = device;
    const first = await openDoCompat({ runDir, configDir });
    await using second = await openDoCompat({ runDir, configDir });
    await first.close();
    assert.equal(discoverPort(runDir), second.port);
  });

  test('what a killed agent left is removed early, what a running one has is not', async () => {
    const { device, runDir } = await folders();
    await using _device = device;
    const dataDir = device.path('data');
    await makeWay(dataDir, runDir);
    await mkdir(runDir);
    for (const name of ['restport.1', 'other']) await writeFile(`${runDir}/${name}`, '1\n');
    const claim = await claimDataDir(dataDir);
    await assert.rejects(makeWay(dataDir, runDir), { code: 'AgentRunning' });
    assert.equal((await readdir(runDir)).length, 2);
    await claim.release();
    await makeWay(dataDir, runDir);
    assert.deepEqual(await readdir(runDir), ['other']);
  });

  test('makes its folder, and takes the next port when one is taken', async () => {
    const { device, runDir, configDir } = await folders();
    await using _device = device;
    const first = createServer();
    const taken = await listenInRange(first, 50_100);
    await using compat = await openDoCompat({ runDir, configDir, firstPort: taken });
    assert.ok(compat.port > taken);
    assert.equal((await stat(runDir)).mode & 0o777, 0o755 & ~process.umask());
    first.close();
  });

  test('no port left is an error', async () => {
    const server = createServer();
    const last = await listenInRange(server, 60_999).catch(() => undefined);
    const other: Server = createServer();
    await assert.rejects(listenInRange(other, 60_999), { code: 'ListenFailed' });
    if (last) server.close();
  });

  test('until there is an agent calls wait; when it does not come there is no service', async () => {
    const { device, runDir, configDir } = await folders();
    await using _device = device;
    const clock = new ManualClock();
    await using compat = await openDoCompat({ runDir, configDir, clock });
    await using client = await SdkClient.connect(compat.port);
    const timers = clock.pending;
    const refused = client.fails('POST', 'create');
    while (clock.pending === timers) await new Promise((done) => setImmediate(done));
    clock.advance(10_000);
    assert.deepEqual(await refused, [400, 'BadRequest', -2133848063]);
    const waiting = client.ok('POST', 'create');
    await using agent = await device.agent();
    compat.serve(agent, device.path('data'));
    assert.match((await waiting).Id!, /^[0-9a-f-]{36}$/);
  });

  test('nobody listens but on the loopback address', async (t) => {
    const other = otherAddress();
    if (!other) return t.skip('this machine has only loopback addresses');
    await using w = await doWorld();
    const { connect } = await import('node:net');
    const socket = connect({ host: other, port: w.port });
    const outcome = await new Promise((done) => {
      socket.on('connect', () => done('connected')).on('error', (e) => done(e));
    });
    socket.destroy();
    assert.notEqual(outcome, 'connected');
  });
});

suite('who may call (do-client-contract.md §0, §7)', () => {
  test('all of 127/8', async () => {
    await using w = await doWorld();
    const client = await w.connect('127.3.2.1');
    await client.ok('POST', 'create');
  });

  test('no other address, unless the administrator allows it', async (t) => {
    const other = otherAddress();
    if (!other) return t.skip('this machine has only loopback addresses');
    await using w = await doWorld();
    const client = await w.connect(other);
    assert.deepEqual(await client.fails('POST', 'create'), [400, 'BadRequest', -2147024809]);
    await using open = await doWorld({ config: { RestControllerValidateRemoteAddr: false } });
    await (await open.connect(other)).ok('POST', 'create');
  });
});

suite('configuration (do-client-contract.md §7)', () => {
  test('an empty administrator’s file is made, one that is there is left', async () => {
    const { device, runDir, configDir } = await folders();
    await using _device = device;
    for (const text of ['{\n}\n', '{"DOCacheHost":"h"}']) {
      await using _compat = await openDoCompat({ runDir, configDir });
      const path = `${configDir}/admin-config.json`;
      assert.equal(await readFile(path, 'utf8'), text);
      assert.equal((await stat(configDir)).mode & 0o777, 0o775);
      await writeFile(path, '{"DOCacheHost":"h"}');
    }
  });

  async function config() {
    const device = await Device.create();
    const clock = new ManualClock();
    const write = (name: string, text: string) =>
      writeFile(device.path(`${name}-config.json`), text);
    return { device, clock, write, config: new DoConfig(device.folder, clock, logger) };
  }

  test('the cache host: the administrator’s word, also that there is none, else the gateway', async () => {
    const { device, clock, write, config: c } = await config();
    await using _device = device;
    assert.equal(c.cacheHost(), undefined);
    const text = 'HostName=a;gatewayhostNAME=gw.local;Key=x';
    await write('sdk', JSON.stringify({ ADUC_IoTConnectionString: text }));
    clock.advance(59_999);
    assert.equal(c.cacheHost(), undefined, 'read once a minute at most');
    clock.advance(1);
    assert.equal(c.cacheHost(), 'gw.local');
    await write('admin', '{"DOCacheHost":"mcc:81"}');
    c.reload();
    assert.equal(c.cacheHost(), 'mcc:81', 'SIGHUP');
    await write('admin', '{"DOCacheHost":""}');
    c.reload();
    assert.equal(c.cacheHost(), '');
    await write('admin', '{"DOCacheHost":');
    c.reload();
    assert.equal(c.cacheHost(), '', 'what is broken changes nothing');
    const { rm } = await import('node:fs/promises');
    await rm(device.path('admin-config.json'));
    c.reload();
    assert.equal(c.cacheHost(), 'gw.local');
  });

  test('delays are numbers or texts of them, the background’s before the foreground’s', async () => {
    const { device, write, config: c } = await config();
    await using _device = device;
    for (const [json, secs] of [
      [{}, undefined],
      [{ DODelayCacheServerFallbackForeground: 5 }, 5],
      [{ DODelayCacheServerFallbackForeground: 5, DODelayCacheServerFallbackBackground: '-1' }, -1],
      [{ DODelayCacheServerFallbackBackground: 'soon' }, undefined],
    ] as const) {
      await write('admin', JSON.stringify(json));
      c.reload();
      assert.equal(c.fallbackSecs(), secs);
    }
    assert.equal(c.validatesRemoteAddress(), true);
    await write('admin', '{"RestControllerValidateRemoteAddr":false}');
    c.reload();
    assert.equal(c.validatesRemoteAddress(), false);
  });
});

function otherAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
}
