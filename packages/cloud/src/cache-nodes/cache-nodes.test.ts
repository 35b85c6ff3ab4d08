import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startCloud, type TestCloud } from '../cloud.test-support.ts';
import { bestMatch, parseCidr } from './cidr.ts';

const nodes = '/admin/cache-nodes';
const minute = 60_000;

const figures = {
  ...{ PublicHost: null, Port: 8081, State: 'Healthy', EgressMbps: 0, Issues: [], Jobs: [] },
  ...{ HitBytes: 1, MissBytes: 2, SourceBytes: 2, Requests: 3, CacheBytes: 4, ActiveAnswers: 0 },
};

/** Makes and registers a node. @returns how it phones home */
async function nodeAt({ admin, ask }: TestCloud, Name: string, settings: object = {}) {
  const made = await admin(nodes, { body: { Name, Cidrs: ['127.0.0.0/8'], ...settings } });
  assert.equal(made.status, 201);
  const { RegistrationKey } = made.json;
  const { json } = await ask('/cache-nodes/register', { body: { RegistrationKey } });
  const authorization = `Bearer ${json.CacheNodeId}.${json.Key}`;
  const beat = (more: object = {}) =>
    ask('/cache-nodes/heartbeat', { body: { ...figures, ...more }, headers: { authorization } });
  return { RegistrationKey, authorization, beat };
}

test('a node goes from nothing to healthy, and is handed out while it phones home', async (t) => {
  const c = await startCloud(t);
  const state = async () => {
    const { json } = await c.admin(`${nodes}/site-1`);
    return [json.State, json.IsHandedOut];
  };
  const host = async () => (await c.ask('/geo')).json.CacheHost;
  const made = await c.admin(nodes, { body: { Name: 'site-1' } });
  assert.deepEqual(await state(), ['Not configured', false]);
  await c.admin(`${nodes}/site-1`, { method: 'PATCH', body: { Cidrs: ['127.0.0.1/32'] } });
  assert.deepEqual(await state(), ['Not provisioned', false]);
  const { RegistrationKey } = made.json;
  const { json } = await c.ask('/cache-nodes/register', { body: { RegistrationKey } });
  assert.equal(json.Name, 'site-1');
  assert.deepEqual(await state(), ['Never phoned home', false]);
  assert.equal(await host(), undefined);
  const headers = { authorization: `Bearer ${json.CacheNodeId}.${json.Key}` };
  const beat = await c.ask('/cache-nodes/heartbeat', { body: figures, headers });
  assert.deepEqual(beat.json, {
    ...{ HeartbeatSeconds: 60, IsEnabled: true, MaxAllowableEgressInMbps: null },
    ...{ Jobs: [], Cancel: [] },
  });
  assert.deepEqual(await state(), ['Healthy', true]);
  assert.equal(await host(), '127.0.0.1:8081');
  c.clock.advance(4 * minute);
  assert.deepEqual(await state(), ['Healthy', false], 'silent, devices are not sent there');
  assert.equal(await host(), undefined);
  c.clock.advance(24 * 60 * minute);
  assert.deepEqual(await state(), ['Unhealthy', false]);
  await c.ask('/cache-nodes/heartbeat', { body: figures, headers });
  await c.admin(`${nodes}/site-1`, { method: 'PATCH', body: { IsEnabled: false } });
  assert.equal(await host(), undefined);
  const gone = await c.admin(`${nodes}/site-1`, { method: 'DELETE' });
  assert.equal(gone.status, 204);
  assert.equal((await c.ask('/cache-nodes/heartbeat', { body: figures, headers })).status, 401);
});

test('a registration key works once; a new one takes the place of what came from the old', async (t) => {
  const c = await startCloud(t);
  const first = await nodeAt(c, 'a');
  const again = { body: { RegistrationKey: first.RegistrationKey } };
  assert.equal((await c.ask('/cache-nodes/register', again)).status, 401);
  const { json } = await c.admin(`${nodes}/a/registration-key`, { method: 'POST' });
  assert.equal((await first.beat()).status, 200, 'until it is used');
  const body = { RegistrationKey: json.RegistrationKey };
  assert.equal((await c.ask('/cache-nodes/register', { body })).status, 200);
  assert.equal((await first.beat()).status, 401);
});

test('strangers are refused, and what is not right', async (t) => {
  const c = await startCloud(t);
  await nodeAt(c, 'a');
  for (const authorization of ['', 'Bearer x', `Bearer ${'0'.repeat(36)}.${'k'.repeat(43)}`]) {
    const answer = await c.ask('/cache-nodes/heartbeat', {
      body: figures,
      headers: { authorization },
    });
    assert.equal(answer.status, 401);
  }
  assert.equal((await c.ask(nodes)).status, 401);
  for (const body of [
    ...[{ Name: 'a' }, { Name: 'b c' }, { Name: '' }, {}],
    ...[
      { Name: 'b', Cidrs: ['10.0.0.0/33'] },
      { Name: 'b', Cidrs: ['x'] },
    ],
    ...[
      { Name: 'b', MaxAllowableEgressInMbps: 0 },
      { Name: 'b', Other: 1 },
    ],
  ]) {
    assert.equal((await c.admin(nodes, { body })).status, 400, JSON.stringify(body));
  }
  const { beat } = await nodeAt(c, 'b');
  for (const more of [
    { PublicHost: 'a/b' },
    { Port: 0 },
    { HitBytes: -1 },
    { State: 'x' },
    { X: 1 },
  ]) {
    assert.equal((await beat(more)).status, 400, JSON.stringify(more));
  }
});

test('of several nodes the nearest comes first, then the healthy, then who has least to do', async (t) => {
  const c = await startCloud(t);
  const at = async (name: string, settings: object, more: object) =>
    (await nodeAt(c, name, settings)).beat({ PublicHost: name, ...more });
  await at('wide', { Cidrs: ['127.0.0.0/8'] }, {});
  await at('sick', { Cidrs: ['127.0.0.0/24'] }, { State: 'Unhealthy' });
  await at('busy', { Cidrs: ['127.0.0.0/24'], MaxAllowableEgressInMbps: 100 }, { EgressMbps: 90 });
  await at('large', { Cidrs: ['127.0.0.0/24'], MaxAllowableEgressInMbps: 900 }, { EgressMbps: 95 });
  await at('elsewhere', { Cidrs: ['10.0.0.0/8', '::1/128'] }, {});
  assert.equal((await c.ask('/geo')).json.CacheHost, 'large,busy,sick,wide');
});

suite('jobs of preheating', () => {
  const Urls = ['http://cdn.example/a'];
  const results = [{ Url: Urls[0], State: 'Fetched', FetchedBytes: 5, Length: 5, Error: null }];

  test('go with a heartbeat and come back with the next', async (t) => {
    const c = await startCloud(t);
    const { beat } = await nodeAt(c, 'a');
    const { json: made } = await c.admin(`${nodes}/a/preheat`, { body: { Urls, Rate: 5000 } });
    const [job] = (await beat()).json.Jobs;
    assert.deepEqual([job.Urls, job.Rate], [Urls, 5000]);
    assert.deepEqual(
      (await beat({ Jobs: [{ Id: job.Id, State: 'Running', Results: [] }] })).json.Jobs,
      [],
    );
    await beat({ Jobs: [{ Id: job.Id, State: 'Ended', Results: results }] });
    const { Jobs } = (await c.admin(`${nodes}/a/preheat`)).json;
    assert.deepEqual([Jobs[0].Id, Jobs[0].State, Jobs[0].Results], [made.Id, 'Ended', results]);
    assert.deepEqual((await beat()).json.Jobs, []);
  });

  test('wait for their time, and come again by their schedule', async (t) => {
    const c = await startCloud(t);
    const { beat } = await nodeAt(c, 'a');
    const At = new Date(Date.now() + 60 * minute).toISOString();
    await c.admin(`${nodes}/a/preheat`, { body: { Urls, At, EverySeconds: 86_400 } });
    assert.deepEqual((await beat()).json.Jobs, []);
    c.clock.advance(61 * minute);
    const [first] = (await beat()).json.Jobs;
    await beat({ Jobs: [{ Id: first.Id, State: 'Ended', Results: results }] });
    assert.deepEqual((await beat()).json.Jobs, []);
    c.clock.advance(24 * 60 * minute);
    const [second] = (await beat()).json.Jobs;
    assert.notEqual(second.Id, first.Id);
  });

  test('that a node has forgotten are given again, cancelled ones are given up', async (t) => {
    const c = await startCloud(t);
    const { beat } = await nodeAt(c, 'a');
    const { json: made } = await c.admin(`${nodes}/a/preheat`, { body: { Urls } });
    await beat();
    assert.deepEqual((await beat()).json.Jobs, []);
    c.clock.advance(4 * minute);
    const [again] = (await beat()).json.Jobs;
    assert.ok(again);
    await c.admin(`${nodes}/a/preheat/${made.Id}`, { method: 'DELETE' });
    const told = await beat({ Jobs: [{ Id: again.Id, State: 'Running', Results: [] }] });
    assert.deepEqual(told.json.Cancel, [again.Id]);
    assert.equal((await c.admin(`${nodes}/a/preheat/none`, { method: 'DELETE' })).status, 404);
  });

  test('are no other node’s', async (t) => {
    const c = await startCloud(t);
    const a = await nodeAt(c, 'a');
    const b = await nodeAt(c, 'b');
    await c.admin(`${nodes}/a/preheat`, { body: { Urls } });
    assert.deepEqual((await b.beat()).json.Jobs, []);
    assert.equal((await a.beat()).json.Jobs.length, 1);
  });
});

test('networks are matched to the bit, in both families', () => {
  const match = (cidr: string, ip: string) => bestMatch([parseCidr(cidr)!], ip);
  for (const [cidr, ip, prefix] of [
    ['10.1.0.0/16', '10.1.255.1', 16],
    ['10.1.0.0/16', '10.2.0.1', -1],
    ['10.0.0.128/25', '10.0.0.127', -1],
    ['10.0.0.128/25', '10.0.0.129', 25],
    ['10.0.0.7', '10.0.0.7', 32],
    ['0.0.0.0/0', '198.51.100.1', 0],
    ['0.0.0.0/0', '2001:db8::1', -1],
    ['2001:db8::/33', '2001:db8:7fff::1', 33],
    ['2001:db8::/33', '2001:db8:8000::1', -1],
  ] as const) {
    assert.equal(match(cidr, ip), prefix, `${cidr} ${ip}`);
  }
  for (const text of ['', '10.0.0/8', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/1/2', '::/129', 'a']) {
    assert.equal(parseCidr(text), undefined, text);
  }
});
