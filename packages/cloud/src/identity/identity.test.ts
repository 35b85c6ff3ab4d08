import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startCloud, type TestCloud } from '../cloud.test-support.ts';
import { noPostgres, startPostgres } from '../testing/postgres-server.test-support.ts';
import { TestDevice } from './device.test-support.ts';

const minute = 60_000;
const peer = (n: number) => n.toString(16).padStart(40, '0');
const group = '01234567-89ab-cdef-0123-456789abcdef';
const required = { enrolment: 'required' } as const;
const codeOf = ({ status, json }: { status: number; json: { Code?: string } }) =>
  `${status} ${json?.Code ?? ''}`.trim();

const services = [
  ...['/geo', '/geoversion', '/all', '/discovery/content/c', '/content/c/contentpolicy'],
  ...[
    '/content/c/pieceshash',
    '/content//contentpolicy?altCatalogId=http%3A%2F%2Fsource%2Ffile.bin',
  ],
];

/** What each service answers to a caller: the statuses, one after the other. */
async function statuses({ ask }: TestCloud, headers: Record<string, string>): Promise<string[]> {
  const answers = [];
  for (const path of services) answers.push(await ask(path, { headers }));
  for (const path of ['/array/join/', '/array/leave/']) {
    const body = { ContentId: 'c', PeerId: peer(1), Left: '1' };
    answers.push(await ask(path, { headers, body }));
  }
  return [...new Set(answers.map(codeOf))];
}

test('where enrolment is required strangers get nothing; devices, and nodes their hash lists, do', async (t) => {
  const cloud = await startCloud(t, required);
  await cloud.publish({ ContentId: 'c' });
  const device = await TestDevice.enrolled(cloud);
  const headers = await device.headers();
  assert.deepEqual(await statuses(cloud, headers), ['200']);
  for (const authorization of [
    ...['', 'Bearer ', 'Bearer x', `Bearer ${cloud.token}`, `Basic ${cloud.token}`],
    // One letter of what is signed, of the signature, of the key's name.
    ...[40, -2, 8].map((at) => {
      const { authorization: good } = headers;
      const i = at < 0 ? good.length + at : 'Bearer '.length + at;
      return good.slice(0, i) + (good[i] === 'a' ? 'b' : 'a') + good.slice(i + 1);
    }),
  ]) {
    assert.deepEqual(
      await statuses(cloud, { authorization }),
      ['401 SessionRequired'],
      authorization,
    );
  }
  const made = await cloud.admin('/admin/cache-nodes', { body: { Name: 'n' } });
  const body = { RegistrationKey: made.json.RegistrationKey };
  const { json } = await cloud.ask('/cache-nodes/register', { body });
  const node = { authorization: `Bearer ${json.CacheNodeId}.${json.Key}` };
  assert.equal(codeOf(await cloud.ask('/content/c/contentpolicy', { headers: node })), '200');
  assert.equal(codeOf(await cloud.ask('/all', { headers: node })), '401 SessionRequired');
  const wrong = { authorization: `Bearer ${json.CacheNodeId}.${'x'.repeat(43)}` };
  assert.match(codeOf(await cloud.ask('/content/c/contentpolicy', { headers: wrong })), /^401/);
  cloud.clock.advance(60 * minute);
  assert.deepEqual(await statuses(cloud, headers), ['401 SessionRequired'], 'after its hour');
  assert.equal(codeOf(await cloud.ask('/health')), '200');
});

test('an enrolment token is good for so many devices, so long, until it is revoked', async (t) => {
  const cloud = await startCloud(t);
  const create = async (terms: object = {}) =>
    (await cloud.admin('/admin/enrolments', { body: terms })).json;
  const enrol = async (token: string, device = TestDevice.stranger(cloud)) =>
    codeOf(await device.enrol(token));
  const two = await create({ Uses: 2, Tenant: 'a', GroupId: group.toUpperCase() });
  const device = TestDevice.stranger(cloud);
  const answer = await device.enrol(two.Token);
  assert.deepEqual([answer.json.Tenant, answer.json.GroupId], ['a', group]);
  const again = await device.enrol(two.Token);
  assert.equal(again.json.DeviceId, answer.json.DeviceId, 'its answer was lost: the same device');
  assert.equal(await enrol(two.Token), '200');
  assert.equal(await enrol(two.Token), '401 EnrolmentRefused', 'used up');
  assert.equal(
    await enrol((await create()).Token, device),
    '401 EnrolmentRefused',
    'its key is in use',
  );

  const short = await create({ ExpiresInSeconds: 60 });
  cloud.clock.advance(minute);
  assert.equal(await enrol(short.Token), '401 EnrolmentRefused', 'expired');
  const gone = await create();
  const removed = await cloud.admin(`/admin/enrolments/${gone.Id}`, { method: 'DELETE' });
  assert.equal(removed.status, 204);
  assert.equal(await enrol(gone.Token), '401 EnrolmentRefused', 'revoked');
  const { Enrolments } = (await cloud.admin('/admin/enrolments')).json;
  const states = Enrolments.map((e: { State: string }) => e.State).sort();
  assert.deepEqual(states, ['Expired', 'Revoked', 'UsedUp', 'Valid']);
  assert.ok(!JSON.stringify(Enrolments).includes('Token'));

  const other = TestDevice.stranger(cloud);
  const { privateKey } = (await import('node:crypto')).generateKeyPairSync('ed25519');
  const claimed = codeOf(await other.enrol((await create()).Token, privateKey));
  assert.equal(claimed, '401 DeviceRefused', 'a key that the device has not got');
  for (const terms of [
    { Uses: 0 },
    { Tenant: 'A b' },
    { GroupId: 'x' },
    { Url: 'ftp://h' },
    { X: 1 },
  ]) {
    const bad = await cloud.admin('/admin/enrolments', { body: terms });
    assert.equal(codeOf(bad), '400 RequestInvalid', JSON.stringify(terms));
  }
});

test('a session is given to who has the key, now, once a request', async (t) => {
  const cloud = await startCloud(t);
  const device = await TestDevice.enrolled(cloud);
  const stranger = TestDevice.stranger(cloud);
  stranger.deviceId = device.deviceId;
  const open = async (...wrong: Parameters<TestDevice['open']>) =>
    codeOf(await device.open(...wrong));
  assert.equal(await open(), '200');
  assert.equal(codeOf(await stranger.open()), '401 DeviceRefused');
  assert.equal(await open({ cloud: '0'.repeat(8) }), '401 DeviceRefused', 'for another cloud');
  assert.equal(await open({ Nonce: 'A'.repeat(22) }), '401 DeviceRefused', 'not what was signed');
  assert.equal(await open({ DeviceId: 'x' }), '400 RequestInvalid');
  const [ahead, behind] = [
    await device.open({ skewMs: 3_600_000 }),
    await device.open({ skewMs: -301_000 }),
  ];
  assert.equal(codeOf(ahead), '401 ClockSkewed');
  assert.match(ahead.json.Message, /3600 s ahead of/);
  assert.match(behind.json.Message, /301 s behind/);

  const body = await device.request();
  const send = async () => codeOf(await cloud.ask('/identity/session', { body }));
  assert.deepEqual([await send(), await send()], ['200', '401 RequestReplayed']);
  cloud.clock.advance(6 * minute);
  assert.equal(await send(), '401 ClockSkewed', 'the nonce is forgotten, but so is its time');

  const { answer, body: rotation } = await device.rotate();
  assert.equal(answer.status, 200);
  assert.equal(await open(), '200', 'by the new key');
  assert.match(codeOf(await cloud.ask('/identity/rotate', { body: rotation })), /^401/);
  const many = [];
  for (let i = 0; i < 25; i++) many.push(await open());
  assert.equal(many.at(-1), '429 TooManyRequests');
  cloud.clock.advance(10_000);
  assert.equal(await open(), '200');
});

test('devices meet those of their tenant; a peer id is the device’s that came with it first', async (t) => {
  const cloud = await startCloud(t, required);
  const join = async (device: TestDevice, n: number, more: object = {}) => {
    const body = { ContentId: 'c', PeerId: peer(n), Left: '1', ...more };
    const answer = await cloud.ask('/array/join/', { body, headers: await device.headers() });
    const peers = answer.json.Peers?.map((p: { PeerId: string }) => p.PeerId);
    return { code: codeOf(answer), peers, json: answer.json };
  };
  const [a, b, other] = [
    await TestDevice.enrolled(cloud, { Tenant: 'a' }),
    await TestDevice.enrolled(cloud, { Tenant: 'a' }),
    await TestDevice.enrolled(cloud, { Tenant: 'b' }),
  ];
  assert.deepEqual((await join(a, 1)).peers, []);
  assert.deepEqual((await join(other, 3)).peers, [], 'of another tenant');
  assert.deepEqual((await join(b, 2)).peers, [peer(1)]);
  assert.equal((await join(b, 1)).code, '403 PeerIdTaken');
  assert.equal((await join(other, 1)).code, '403 PeerIdTaken');
  const leave = await cloud.ask('/array/leave/', {
    body: { ContentId: 'c', PeerId: peer(1) },
    headers: await b.headers(),
  });
  assert.equal(codeOf(leave), '403 PeerIdTaken');
  const told = await join(a, 1, { ReportedIp: '198.51.100.7' });
  assert.deepEqual(told.peers, [peer(2)]);
  const { json } = await join(b, 2);
  assert.equal(json.Peers[0].Ip, '127.0.0.1', 'an address of somebody else is not passed on');
  assert.equal(json.PeerKeyId, (await b.open()).json.PeerKeys[0].Id);

  const inGroup = await TestDevice.enrolled(cloud, { Tenant: 'a', GroupId: group });
  const settings = await cloud.ask('/all', { headers: await inGroup.headers() });
  assert.equal(settings.json.DOGroupId, group);
});

/** Two clouds on one database: what one does the other knows within two seconds. */
async function revokesEverywhere(one: TestCloud, two: TestCloud) {
  const device = await TestDevice.enrolled(one);
  const other = await TestDevice.enrolled(one);
  const headers = await device.headers();
  const ask = async (cloud: TestCloud) => codeOf(await cloud.ask('/all', { headers }));
  const keyOf = async () => (await other.open()).json.PeerKeys.map((k: { Id: string }) => k.Id);
  const before = await keyOf();
  two.clock.advance(1_000);
  assert.deepEqual([await ask(one), await ask(two)], ['200', '200']);
  const request = await device.at(two).request();
  const replays = [];
  for (const c of [one, two])
    replays.push(codeOf(await c.ask('/identity/session', { body: request })));
  assert.deepEqual(replays, ['200', '401 RequestReplayed']);

  const gone = await one.admin(`/admin/devices/${device.deviceId}`, { method: 'DELETE' });
  assert.equal(gone.status, 204);
  assert.equal(await ask(one), '401 SessionRequired', 'at once where it was revoked');
  two.clock.advance(1_000);
  assert.equal(await ask(two), '401 SessionRequired');
  assert.match((await two.ask('/all', { headers })).json.Message, /revoked/);
  assert.equal(codeOf(await device.open()), '401 DeviceRefused');
  const after = await keyOf();
  assert.ok(!after.some((id: string) => before.includes(id)), 'its peers have another key');
  const { Devices } = (await one.admin('/admin/devices')).json;
  const row = Devices.find((d: { DeviceId: string }) => d.DeviceId === device.deviceId);
  assert.ok(row.RevokedAt);
  const missing = await one.admin('/admin/devices/none', { method: 'DELETE' });
  assert.equal(codeOf(missing), '404 NoSuchResource');
}

test('a revoked device is heard no more, and its peers get another key', async (t) => {
  const cloud = await startCloud(t, required);
  await revokesEverywhere(cloud, cloud);
});

test('an admin of a tenant sees and changes its devices and tokens only', async (t) => {
  const cloud = await startCloud(t);
  const mine = await TestDevice.enrolled(cloud, { Tenant: 'a' });
  const other = await TestDevice.enrolled(cloud, { Tenant: 'b' });
  const made = await cloud.admin('/admin/tokens', {
    body: { Name: 'of-a', Role: 'operator', Tenant: 'a', ExpiresAt: null },
  });
  const headers = { authorization: `Bearer ${made.json.Token}` };
  const ask = (path: string, asked: object = {}) => cloud.ask(path, { headers, ...asked });
  const { Devices } = (await ask('/admin/devices')).json;
  assert.deepEqual(
    Devices.map((d: { DeviceId: string }) => d.DeviceId),
    [mine.deviceId],
  );
  const { Enrolments } = (await ask('/admin/enrolments')).json;
  assert.deepEqual(
    Enrolments.map((e: { Tenant: string }) => e.Tenant),
    ['a'],
  );
  const remove = async (path: string) => codeOf(await ask(path, { method: 'DELETE' }));
  assert.equal(await remove(`/admin/devices/${other.deviceId}`), '404 NoSuchResource');
  assert.equal(codeOf(await other.open()), '200');
  const all = (await cloud.admin('/admin/enrolments')).json.Enrolments;
  const foreign = all.find((e: { Tenant: string }) => e.Tenant === 'b').Id;
  assert.equal(await remove(`/admin/enrolments/${foreign}`), '404 NoSuchResource');
  const create = await ask('/admin/enrolments', { body: { Tenant: 'b' } });
  assert.equal(codeOf(create), '403 TenantTooSmall');
  assert.equal((await ask('/admin/enrolments', { body: {} })).json.Tenant, 'a');
  assert.equal(await remove(`/admin/devices/${mine.deviceId}`), '204');
  const audit = JSON.stringify((await cloud.admin('/admin/audit')).json);
  assert.ok(audit.includes('/admin/enrolments') && !audit.includes('sluice1.'));
});

test('keys of sessions and tenants are renewed daily; what the one before signed holds', async (t) => {
  const cloud = await startCloud(t, required);
  const device = await TestDevice.enrolled(cloud);
  const keys = async () => (await device.open()).json.PeerKeys.map((k: { Id: string }) => k.Id);
  const [first] = await keys();
  cloud.clock.advance(24 * 60 * minute - 5_000);
  const headers = await device.headers();
  cloud.clock.advance(5_000);
  const [second, previous, ...more] = await keys();
  assert.deepEqual([previous, more], [first, []]);
  assert.notEqual(second, first);
  assert.equal(codeOf(await cloud.ask('/all', { headers })), '200', 'signed by the key before');
  cloud.clock.advance(48 * 60 * minute);
  assert.ok(!(await keys()).includes(first));
});

suite('two clouds on one PostgreSQL', { skip: noPostgres }, () => {
  test('a device that one revokes is refused by the other within two seconds', async (t) => {
    const server = await startPostgres();
    try {
      const database = await server.emptyDatabase();
      const options = { ...required, database, adminToken: 'a-token-of-the-test' };
      const [one, two] = [await startCloud(t, options), await startCloud(t, options)];
      await revokesEverywhere(one, two);
      await one.cloud.close();
      await two.cloud.close();
    } finally {
      await server.stop();
    }
  });
});
