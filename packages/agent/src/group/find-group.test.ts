import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { temporaryFolder } from '../store/store-fixture.ts';
import { findGroup } from './find-group.ts';
import { type GroupFacts, noGroupFacts } from './group-facts.ts';
import { groupGuid } from './group-guid.ts';
import { SystemGroupFacts } from './system-group-facts.ts';

const guid = '01234567-89ab-cdef-0123-456789abcdef';
const uuid5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const all: GroupFacts = {
  adSite: async () => 'Site',
  domainSid: async () => 'S-1-5-21-1-2-3',
  dnsSuffix: async () => 'Example.com',
  tenant: async () => guid,
};

function find(
  given: { DOGroupId?: string; DOGroupIdSource?: number },
  facts: GroupFacts = noGroupFacts,
  option?: string,
) {
  const settings = { DOGroupId: given.DOGroupId, DOGroupIdSource: given.DOGroupIdSource };
  return findGroup(settings, facts, { text: async () => option }, new ManualClock());
}

test('the id that is set, whatever the source', async () => {
  assert.equal(await find({ DOGroupId: guid, DOGroupIdSource: 1 }, all), guid);
});

test('each source', async () => {
  const expected = ['Site', 'S-1-5-21-1-2-3', 'dhcp', 'Example.com', guid].map(groupGuid);
  for (const [i, group] of expected.entries()) {
    assert.equal(await find({ DOGroupIdSource: i + 1 }, all, 'dhcp'), group);
  }
});

test('not set: site, domain, tenant; DHCP and DNS without an answer leave it to them, others do not', async () => {
  assert.equal(await find({}, all), groupGuid('Site'));
  assert.equal(
    await find({ DOGroupIdSource: 0 }, { ...all, adSite: noGroupFacts.adSite }),
    groupGuid('S-1-5-21-1-2-3'),
  );
  assert.equal(
    await find({}, { ...noGroupFacts, tenant: all.tenant, dnsSuffix: all.dnsSuffix }),
    guid,
  );
  assert.equal(await find({ DOGroupIdSource: 3 }, all), groupGuid('Site'));
  assert.equal(
    await find({ DOGroupIdSource: 4 }, { ...all, dnsSuffix: noGroupFacts.dnsSuffix }),
    groupGuid('Site'),
  );
  assert.equal(
    await find({ DOGroupIdSource: 5 }, { ...all, tenant: noGroupFacts.tenant }),
    undefined,
  );
  assert.equal(await find({}), undefined);
});

test('a system that does not answer is not waited for', async () => {
  const clock = new ManualClock();
  const facts = { ...noGroupFacts, adSite: () => new Promise<undefined>(() => {}) };
  const settings = { DOGroupId: undefined, DOGroupIdSource: 1 };
  const found = findGroup(settings, facts, { text: async () => undefined }, clock);
  clock.advance(3_000);
  assert.equal(await found, undefined);
});

test('a text is always the same GUID, whatever its case; a GUID is itself', () => {
  assert.match(groupGuid('Site'), uuid5);
  assert.equal(groupGuid('Site'), groupGuid(' SITE '));
  assert.notEqual(groupGuid('Site'), groupGuid('Site2'));
  assert.equal(groupGuid(`{${guid}}`), guid);
});

test('what Windows tells, and the DNS suffix of others', async (t) => {
  const outputs: Record<string, string> = {
    DynamicSiteName: '\r\n    DynamicSiteName    REG_SZ    Berlin\0\r\n'.replace('\0', ''),
    TenantId: `    TenantId    REG_SZ    ${guid}\r\n`,
    DhcpDomain: '    DhcpDomain    REG_SZ    corp.example\r\n',
  };
  const run = async (_: string, args: string[]) => {
    const found = Object.entries(outputs).find(([name]) => args.includes(name));
    return found?.[1] ?? 'S-1-5-21-1-2-3\r\n';
  };
  const windows = new SystemGroupFacts('win32', run);
  assert.equal(await windows.adSite(), 'Berlin');
  assert.equal(await windows.domainSid(), 'S-1-5-21-1-2-3');
  assert.equal(await windows.dnsSuffix(), 'corp.example');
  assert.equal(await windows.tenant(), guid);
  const resolvConf = join(await temporaryFolder(t), 'resolv.conf');
  await writeFile(resolvConf, 'nameserver 192.0.2.1\nsearch corp.example b.example\n');
  const linux = new SystemGroupFacts('linux', run, resolvConf);
  assert.equal(await linux.dnsSuffix(), 'corp.example');
  assert.equal(await linux.adSite(), undefined);
  const failing = new SystemGroupFacts('win32', () => Promise.reject(new Error('no')));
  assert.equal(await failing.adSite(), undefined);
});
