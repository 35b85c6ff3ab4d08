import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { temporaryFolder } from '../store/store-fixture.ts';
import { dhclientOption } from './dhclient-lease.ts';
import { networkManagerOption } from './network-manager.ts';
import { networkdOption } from './networkd-lease.ts';
import { SystemDhcp } from './system-dhcp.ts';

const hex = (text: string) => Buffer.from(text).toString('hex');
const now = Date.parse('2026-11-26T12:00:00Z');
const lease = (option: string, expire = '4 2026/11/27 12:00:00') =>
  `lease {\n  interface "eth0";\n  option routers 192.0.2.1;\n  option ${option};\n  expire ${expire};\n}\n`;

suite('DHCP options in lease files', () => {
  test('systemd-networkd', () => {
    const file = `# private data\nADDRESS=192.0.2.5\nOPTION_235=${hex('cache.local,b:80')}\nOPTION_234=zz\n`;
    assert.equal(networkdOption(file, 235), 'cache.local,b:80');
    assert.equal(networkdOption(file, 234), undefined);
    assert.equal(networkdOption(`X${file}`.replace('\nOPTION_235', 'OPTION_235'), 235), undefined);
  });

  test('dhclient: quoted or bytes, the newest lease that holds', () => {
    const read = (file: string) => dhclientOption(file, 235, now);
    assert.equal(read(lease('unknown-235 "cache.local"')), 'cache.local');
    assert.equal(read(lease('unknown-235 63:61:63:68:65')), 'cache');
    assert.equal(read(lease('unknown-235 "a\\"b\\303\\274"')), 'a"bü');
    assert.equal(read(lease('unknown-235 "old"') + lease('unknown-235 "new"')), 'new');
    const expired = lease('unknown-235 "gone"', '4 2026/11/25 12:00:00');
    assert.equal(read(lease('unknown-235 "held"') + expired), 'held');
    assert.equal(read(lease('unknown-235 "a"', 'never')), 'a');
    assert.equal(read(lease('unknown-235 "a"', 'epoch 1')), undefined);
    assert.equal(read(lease('unknown-234 "a"')), undefined);
    assert.equal(read(lease('unknown-235 "a')), undefined);
  });

  test('NetworkManager', () => {
    const output =
      'DHCP4.OPTION[1]:routers = 192.0.2.1\nDHCP4.OPTION[2]:private_235 = cache.local\n';
    assert.equal(networkManagerOption(output, 235), 'cache.local');
    assert.equal(networkManagerOption(output.replace('private', 'unknown'), 235), 'cache.local');
    assert.equal(networkManagerOption('DHCP4.OPTION[2]:private_235 = 63:61:63', 235), 'cac');
    assert.equal(networkManagerOption(output, 234), undefined);
  });

  test('control characters, too long, or not UTF-8: nothing', () => {
    for (const bytes of ['a\nb', 'a\0b', 'x'.repeat(256), '']) {
      assert.equal(
        networkdOption(`OPTION_235=${hex(bytes)}`, 235),
        undefined,
        JSON.stringify(bytes),
      );
    }
    assert.equal(networkdOption('OPTION_235=ff', 235), undefined);
    assert.equal(
      networkdOption(`OPTION_235=${hex('a')}00`, 235),
      'a',
      'a NUL at the end is common',
    );
  });

  test('whatever a network says: a short text without control characters, or nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((s) => lease(`unknown-235 ${s}`)),
        ),
        (text) => {
          for (const found of [
            networkdOption(`OPTION_235=${text}`, 235),
            dhclientOption(text, 235, now),
            networkManagerOption(`DHCP4.OPTION[1]:private_235 = ${text}`, 235),
          ]) {
            if (found === undefined) continue;
            assert.ok(found.length <= 255 && !/\p{Cc}/u.test(found), JSON.stringify(found));
          }
        },
      ),
    );
  });
});

suite('what the DHCP client of the system keeps', () => {
  async function system(t: TestContext, files: Record<string, string>, nmcli?: string) {
    const folder = await temporaryFolder(t);
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const run = async () => {
      if (nmcli === undefined) throw new Error('not there');
      return nmcli;
    };
    return new SystemDhcp({ root: folder, run, today: () => new Date(now) });
  }

  test('each client, the first that says something', async (t) => {
    const networkd = { 'run/systemd/netif/leases/3': `OPTION_235=${hex('a')}\n` };
    const dhclient = { 'var/lib/dhcp/dhclient.eth0.leases': lease('unknown-235 "b"') };
    const nmcli = 'DHCP4.OPTION[1]:private_235 = c\n';
    for (const [files, expected] of [
      [{ ...networkd, ...dhclient }, 'a'],
      [dhclient, 'b'],
      [{ 'var/lib/dhcp/other': lease('unknown-235 "x"') }, 'c'],
    ] as const) {
      const dhcp = await system(t, files, nmcli);
      assert.equal(await dhcp.text(235), expected);
    }
  });

  test('no client, or files that are none: nothing', async (t) => {
    const dhcp = await system(t, { 'run/systemd/netif/leases/3': '\0\0', 'var/lib/dhclient': 'x' });
    assert.equal(await dhcp.text(235), undefined);
  });
});
