import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { NetworkInterfaceInfo } from 'node:os';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { pino } from 'pino';
import { fittedMemory, type SystemOptions, SystemProbe } from './system-probe.ts';

const logger = pino({ level: 'silent' });
const gib = 1024 ** 3;

/** A folder like `/sys` with these files, and a probe that looks at it. */
async function world(files: Record<string, string>, options: Partial<SystemOptions> = {}) {
  const sys = await mkdtemp(join(tmpdir(), 'sluice-host-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(sys, 'class', name)), { recursive: true });
    await writeFile(join(sys, 'class', name), `${text}\n`);
  }
  const probe = new SystemProbe({
    logger,
    platform: 'linux',
    sys,
    interfaces: () => ({}),
    ...options,
  });
  return {
    read: () => probe.read(sys),
    [Symbol.asyncDispose]: () => rm(sys, { recursive: true }),
  };
}

function supply(name: string, attributes: Record<string, string>): Record<string, string> {
  const entries = Object.entries(attributes);
  return Object.fromEntries(entries.map(([a, text]) => [`power_supply/${name}/${a}`, text]));
}

function addresses(...names: string[]) {
  const address = (internal: boolean, family: 'IPv4' | 'IPv6') =>
    [{ internal, family }] as unknown as NetworkInterfaceInfo[];
  return () => ({
    lo: address(true, 'IPv4'),
    ...Object.fromEntries(names.map((n) => [n, address(false, n.endsWith('6') ? 'IPv6' : 'IPv4')])),
  });
}

suite('what the system tells', () => {
  test('of this machine: memory, capacity, adapters', async () => {
    const { ramBytes, diskBytes, adapters } = await new SystemProbe({ logger }).read(tmpdir());
    assert.ok(ramBytes! >= process.memoryUsage.rss());
    assert.ok(diskBytes! > 0);
    assert.ok(Array.isArray(adapters));
  });

  test('memory is what is fitted, not what the kernel left of it', () => {
    assert.equal(fittedMemory(3.7 * gib), 4 * gib);
    assert.equal(fittedMemory(4 * gib), 4 * gib);
    assert.equal(fittedMemory(3.4 * gib), 3.5 * gib);
  });

  test('a disk that is not there is unknown', async () => {
    const probe = new SystemProbe({ logger });
    assert.equal((await probe.read('/no/such/place')).diskBytes, undefined);
  });

  const mains = (online: string) => supply('AC', { type: 'Mains', online });
  const bat = (status: string, capacity: string) =>
    supply('BAT0', { type: 'Battery', status, capacity });
  const mouse = supply('hidpp', {
    type: 'Battery',
    scope: 'Device',
    status: 'Discharging',
    capacity: '9',
  });
  const powers: [name: string, files: Record<string, string>, expected: object | undefined][] = [
    ['no supply at all', {}, undefined],
    ['a desktop with a mouse', { ...mains('1'), ...mouse }, undefined],
    ['plugged in', { ...mains('1'), ...bat('Charging', '41') }, { onMains: true, percent: 41 }],
    ['on battery', { ...mains('0'), ...bat('Discharging', '39') }, { onMains: false, percent: 39 }],
    ['full, plugged in', { ...mains('1'), ...bat('Full', '100') }, { onMains: true, percent: 100 }],
    ['no line known, discharging', bat('Discharging', '80'), { onMains: false, percent: 80 }],
    ['no line known, charging', bat('Charging', '80'), { onMains: true, percent: 80 }],
    [
      'two lines, one of them live',
      { ...mains('0'), ...supply('USB', { type: 'USB', online: '1' }), ...bat('Charging', '5') },
      { onMains: true, percent: 5 },
    ],
    [
      'two batteries',
      {
        ...mains('0'),
        ...bat('Discharging', '20'),
        ...supply('BAT1', { type: 'Battery', status: 'Unknown', capacity: '60' }),
      },
      { onMains: false, percent: 40 },
    ],
    [
      'a battery that does not tell its charge',
      { ...mains('0'), ...supply('BAT0', { type: 'Battery', status: 'Discharging' }) },
      { onMains: false, percent: undefined },
    ],
  ];
  for (const [name, files, expected] of powers) {
    test(`power on Linux: ${name}`, async () => {
      await using w = await world(files);
      assert.deepEqual((await w.read()).battery, expected);
    });
  }

  test('adapters on Linux: what carries a VPN says so', async () => {
    await using w = await world(
      {
        'net/wg0/uevent': 'DEVTYPE=wireguard\nINTERFACE=wg0',
        'net/tun0/tun_flags': '0x1001',
        'net/tap0/tun_flags': '0x1002',
        'net/br0/uevent': 'DEVTYPE=bridge\nINTERFACE=br0',
        'net/eth0/uevent': 'INTERFACE=eth0',
      },
      { interfaces: addresses('eth0', 'wg0', 'tun0', 'tap0', 'br0', 'gone0') },
    );
    assert.deepEqual((await w.read()).adapters, [
      'eth0',
      'wg0 (WireGuard VPN)',
      'tun0 (TUN, VPN)',
      'tap0',
      'br0 (bridge)',
      'gone0',
    ]);
  });

  test('macOS: pmset, and utun with an IPv4 address', async () => {
    const said = (source: string, battery: string) => `Now drawing from '${source}'\n${battery}`;
    const internal =
      ' -InternalBattery-0 (id=4522083)\t85%; discharging; 5:12 remaining present: true\n';
    const cases: [string, object | undefined][] = [
      [said('Battery Power', internal), { onMains: false, percent: 85 }],
      [said('AC Power', internal), { onMains: true, percent: 85 }],
      [said('AC Power', ''), undefined],
    ];
    for (const [text, battery] of cases) {
      await using w = await world({}, { platform: 'darwin', run: async () => text });
      assert.deepEqual((await w.read()).battery, battery);
    }
    const interfaces = addresses('en0', 'utun6', 'utun4', 'ipsec0');
    const run = async () => '';
    await using w = await world({}, { platform: 'darwin', run, interfaces });
    assert.deepEqual((await w.read()).adapters, ['en0', 'utun6', 'utun4 (VPN)', 'ipsec0 (VPN)']);
  });

  test('Windows: one question for battery and descriptions', async () => {
    const answer = {
      Battery: [{ BatteryStatus: 1, EstimatedChargeRemaining: 39 }],
      Adapters: [{ Name: 'Ethernet 3', InterfaceDescription: 'Contoso VPN Adapter' }],
    };
    const interfaces = addresses('Wi-Fi');
    const asked: string[] = [];
    const run = async (command: string) => {
      asked.push(command);
      return JSON.stringify(answer);
    };
    await using w = await world({}, { platform: 'win32', run, interfaces });
    const { battery, adapters } = await w.read();
    assert.deepEqual(battery, { onMains: false, percent: 39 });
    assert.deepEqual(adapters, ['Ethernet 3 (Contoso VPN Adapter)', 'Wi-Fi']);
    assert.deepEqual(asked, ['powershell.exe']);
    answer.Battery = [{ BatteryStatus: 2, EstimatedChargeRemaining: 39 }];
    assert.equal((await w.read()).battery?.onMains, true);
    answer.Battery = [];
    assert.equal((await w.read()).battery, undefined);
  });

  test('a command that fails, or prints nonsense, leaves the names and refuses nothing', async () => {
    const failing = () => Promise.reject(new Error('not found'));
    for (const run of [failing, async () => 'nonsense', async () => '[]', async () => 'null']) {
      for (const platform of ['win32', 'darwin'] as const) {
        await using w = await world({}, { platform, run, interfaces: addresses('en0') });
        const { battery, adapters } = await w.read();
        assert.equal(battery, undefined);
        assert.deepEqual(adapters, ['en0']);
      }
    }
  });

  test('the processors were idle for a part of their time', () => {
    const { idle, total } = new SystemProbe({ logger }).cpuTimes();
    assert.ok(idle > 0 && idle < total, `${idle} of ${total} ms`);
  });
});
