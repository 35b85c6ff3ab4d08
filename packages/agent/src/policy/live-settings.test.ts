import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { isSluiceError, type KeyValueReply, ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import { temporaryFolder } from '../store/store-fixture.ts';
import { LiveSettings } from './live-settings.ts';
import type { PolicyPlaces } from './policy-places.ts';
import { parseRegQuery, readRegistry } from './windows-registry.ts';

async function world(t: TestContext, places: (folder: string) => PolicyPlaces = () => ({})) {
  const folder = await temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  const clock = new ManualClock();
  const open = (commandLine = {}) =>
    LiveSettings.open({
      places: { ...places(folder), settingsFile: path('settings.json') },
      commandLine,
      clock,
      logger: pino({ level: 'silent' }),
    });
  return { path, open, clock };
}

const reply = (settings: object) =>
  ({
    ContentPolicy_EndpointUri: 'http://c/',
    ContentPolicy_EndpointFullUri: 'http://c/{contentId}',
    Discovery_EndpointFullUri: 'http://c/{contentId}',
    ...settings,
  }) as KeyValueReply;

suite('settings in force', () => {
  test('every place, each with its provider and origin', async (t) => {
    const w = await world(t, (folder) => ({
      environment: { SLUICE_DOMinRAMAllowedToPeer: '2', SLUICE_DODownloadMode: '9', PATH: 'x' },
      configFile: join(folder, 'sluice.json'),
      doConfigFolder: folder,
    }));
    await writeFile(w.path('sluice.json'), '{"DODownloadMode": 0, "DOMinRAMAllowedToPeer": 1}');
    await writeFile(
      w.path('admin-config.json'),
      '{"DODelayCacheServerFallbackBackground": -1, "RestControllerValidateRemoteAddr": true}',
    );
    const connection = 'HostName=h;GatewayHostName=gw;X=1';
    await writeFile(
      w.path('sdk-config.json'),
      JSON.stringify({ ADUC_IoTConnectionString: connection }),
    );
    const { current, resolved } = await w.open({ DOMaxCacheAge: 5 });
    assert.equal(current.DOMinRAMAllowedToPeer, 2);
    assert.equal(current.DODownloadMode, 0);
    assert.equal(current.DODelayCacheServerFallbackBackground, 2_592_000);
    assert.equal(current.DOCacheHost, 'gw');
    const providers = Object.fromEntries(
      Object.entries(resolved.sources).map(([name, { provider }]) => [name, provider]),
    );
    assert.equal(providers.DOMinRAMAllowedToPeer, 'Environment');
    assert.equal(providers.DODownloadMode, 'ConfigFile');
    assert.equal(resolved.sources.DOCacheHost.origin, w.path('sdk-config.json'));
    assert.equal(providers.DOMaxCacheAge, 'CommandLine');
    assert.deepEqual(
      resolved.problems.map(({ name, provider }) => [name, provider]),
      [['DODownloadMode', 'Environment']],
    );
  });

  test('DOCacheHost of admin-config, even empty, comes before the gateway', async (t) => {
    const w = await world(t, (folder) => ({ doConfigFolder: folder }));
    await writeFile(w.path('admin-config.json'), '{"DOCacheHost": ""}');
    await writeFile(
      w.path('sdk-config.json'),
      '{"ADUC_IoTConnectionString": "GatewayHostName=gw"}',
    );
    assert.equal((await w.open()).current.DOCacheHost, '');
  });

  test('broken files are told, and do no harm', async (t) => {
    const w = await world(t, (folder) => ({
      registryPols: [join(folder, 'a.pol')],
      configFile: join(folder, 'sluice.json'),
    }));
    await writeFile(w.path('a.pol'), 'PReg');
    await writeFile(w.path('sluice.json'), '{');
    await writeFile(w.path('settings.json'), '[]');
    const { resolved, current } = await w.open();
    assert.equal(current.DODownloadMode, 1);
    assert.deepEqual(resolved.problems.map((p) => p.origin).sort(), [
      w.path('a.pol'),
      w.path('settings.json'),
      w.path('sluice.json'),
    ]);
  });

  test('a change is kept, told to watchers, and undone', async (t) => {
    const w = await world(t);
    const live = await w.open();
    const seen: unknown[] = [];
    const unwatch = live.watch(() => seen.push(live.current.DODownloadMode));
    await live.change({ provider: 'Admin', values: { DODownloadMode: 0 }, isWhole: false });
    await live.change({ provider: 'Admin', values: { DOMaxCacheAge: 1 }, isWhole: false });
    assert.equal((await w.open()).current.DODownloadMode, 0);
    await live.change({ provider: 'Mdm', values: { DODownloadMode: 3, DOBad: 1 }, isWhole: true });
    assert.deepEqual([live.current.DODownloadMode, live.binds('DODownloadMode')], [3, true]);
    assert.equal(live.setBy('DODownloadMode'), 'MDM');
    assert.equal(live.resolved.problems[0]?.name, 'DOBad');
    await live.change({ provider: 'Mdm', values: {}, isWhole: true });
    await live.change({ provider: 'Admin', values: { DODownloadMode: null }, isWhole: false });
    assert.deepEqual([live.current.DODownloadMode, live.binds('DODownloadMode')], [1, false]);
    assert.deepEqual(seen, [0, 0, 3, 0, 1]);
    unwatch();
    assert.deepEqual(JSON.parse(await readFile(w.path('settings.json'), 'utf8')), {
      Admin: { DOMaxCacheAge: 1 },
      Mdm: {},
    });
  });

  test('changes at the same time are all kept', async (t) => {
    const w = await world(t);
    const live = await w.open();
    const names = ['DOMaxCacheAge', 'DOMinRAMAllowedToPeer', 'DOMaxCacheSize'];
    await Promise.all(
      names.map((name) =>
        live.change({ provider: 'Admin', values: { [name]: 7 }, isWhole: false }),
      ),
    );
    for (const name of names)
      assert.equal(live.resolved.sources[name as 'DOMaxCacheAge'].provider, 'Admin');
  });

  test('files are read anew when asked, and on use after a minute', async (t) => {
    const w = await world(t, (folder) => ({ configFile: join(folder, 'c.json') }));
    const live = await w.open();
    await writeFile(w.path('c.json'), '{"DODownloadMode": 0}');
    live.reloadIfOld();
    assert.equal(live.current.DODownloadMode, 1);
    await live.reload();
    assert.equal(live.current.DODownloadMode, 0);
    await writeFile(w.path('c.json'), '{"DODownloadMode": 3}');
    w.clock.advance(60_000);
    const changed = new Promise<void>((resolve) => {
      live.watch(resolve);
    });
    live.reloadIfOld();
    await changed;
    assert.equal(live.current.DODownloadMode, 3);
  });

  test('the cloud: forced above all, else below all; only settings are taken of its answer', async (t) => {
    const w = await world(t);
    const live = await w.open({ DODownloadMode: 3, DOMaxCacheAge: 9 });
    const settings = { DODownloadMode: 0, DOMaxCacheAge: 5, DOMinRAMAllowedToPeer: 1, Other: 2 };
    live.setCloud(reply({ ...settings, Sluice_ForcedSettings: ['DODownloadMode'] }), 'http://c');
    const { current, resolved } = live;
    assert.deepEqual(
      [current.DODownloadMode, current.DOMaxCacheAge, current.DOMinRAMAllowedToPeer],
      [0, 9, 1],
    );
    assert.equal(resolved.sources.DODownloadMode.provider, 'CloudForced');
    assert.equal(resolved.sources.DOMinRAMAllowedToPeer.provider, 'CloudDefault');
    assert.deepEqual(resolved.problems, []);
    live.setCloud(reply({}), 'http://c');
    assert.equal(live.current.DODownloadMode, 3);
  });

  test('only the owner of the data directory may change', async (t) => {
    if (process.getuid === undefined) return t.skip('no owners here');
    const w = await world(t);
    const live = await w.open();
    t.mock.method(process as { getuid: () => number }, 'getuid', () => 4_242);
    const change = live.change({
      provider: 'Admin',
      values: { DODownloadMode: 0 },
      isWhole: false,
    });
    await assert.rejects(change, (error) => isSluiceError(error, 'NotOwner'));
    assert.equal(live.current.DODownloadMode, 1);
  });
});

test('the registry of Windows, as reg query prints it', async () => {
  const text = [
    '',
    'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\DeliveryOptimization',
    '    DODownloadMode    REG_DWORD    0x63',
    '    DODownloadMode_ProviderSet    REG_DWORD    0x1',
    '    DOVpnKeywords    REG_SZ    a b,c',
    '    DOCacheHost    REG_SZ    ',
    '    Other    REG_SZ    x',
  ].join('\r\n');
  assert.deepEqual(parseRegQuery(text), {
    DODownloadMode: 99,
    DOVpnKeywords: 'a b,c',
    DOCacheHost: '',
  });
  const layers = await readRegistry(async (_, args) => {
    if (args[1]?.includes('PolicyManager')) throw new Error('exit code 1');
    return text;
  });
  assert.deepEqual(
    layers.map(({ provider, values }) => [provider, Object.keys(values).length]),
    [
      ['GroupPolicy', 3],
      ['Mdm', 0],
    ],
  );
});
