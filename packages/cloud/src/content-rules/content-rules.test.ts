import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBlockListReply, parseContentPolicyReply } from '@sluice/protocol/schemas';
import { phf, startCloud, type TestCloud } from '../cloud.test-support.ts';

const url = 'http://source/file.bin';

function world(cloud: TestCloud) {
  const { admin, ask } = cloud;
  return {
    ...cloud,
    policy: async (callerName?: string, id = '') => {
      const caller =
        callerName === undefined ? '' : `&callerName=${encodeURIComponent(callerName)}`;
      const path = `/content/${id}/contentpolicy?altCatalogId=${encodeURIComponent(url)}${caller}`;
      return ask(path);
    },
    setRules: (Rules: unknown) =>
      admin('/admin/content-policy', { method: 'PUT', body: { Rules } }),
    block: (block: object) =>
      admin('/admin/blocks', { body: { Then: 'Fail', Reason: 'recalled', ...block } }),
    blocked: async () => parseBlockListReply((await ask('/content-policy/blocked')).json).Blocked,
  };
}

test('callers have what Delivery Optimization allows their contents, until a rule says otherwise', async (t) => {
  const c = world(await startCloud(t));
  await c.publish({ Policies: { BackgroundQosBps: 7 } });
  for (const [caller, allow, rule] of [
    [undefined, undefined, undefined],
    ['WU Client Download', undefined, 'Windows Update'],
    ['Xbox XVC Streaming', { Http: true, P2P: false, Cache: true }, 'Xbox Game Pass PC'],
    ['MDMSW Job', { Http: true, P2P: false, Cache: false }, 'MDM agent'],
    ['MDMSW Job 2', undefined, undefined],
  ] as const) {
    const reply = parseContentPolicyReply((await c.policy(caller)).json);
    assert.deepEqual([reply.Allow, reply.Rule], [allow, rule], caller);
  }
  const rules = [
    { Name: 'ours', Match: { Callers: ['MDM.*', 'app'] }, Allow: { P2P: true }, Rank: 5 },
    {
      ...{ Name: 'slow', Match: { UrlPrefixes: ['http://source/'], ContentIds: ['mine'] } },
      Policies: { BackgroundQosBps: 9, ExpireAtSecsSinceEpoch: 1 },
    },
  ];
  assert.deepEqual((await c.setRules(rules)).json, { Rules: rules });
  const mdm = parseContentPolicyReply((await c.policy('MDMSW Job')).json);
  assert.deepEqual(
    [mdm.Allow, mdm.Rule, mdm.Rank],
    [{ Http: true, P2P: true, Cache: false }, 'ours', 5],
  );
  assert.equal((await c.policy('x')).json.Policies.BackgroundQosBps, 7);
  await c.publish({ ContentId: 'mine' });
  const slow = (await c.policy('x', 'mine')).json;
  assert.deepEqual([slow.Policies.BackgroundQosBps, slow.Policies.MaxCacheAgeSecs], [9, 259_200]);
  for (const wrong of [
    [{ Name: 'x', Match: { Callers: ['('] } }],
    [{ Name: 'x', Match: {}, Allow: { Peers: false } }],
    [{ Match: {} }],
    [{ Name: 'x', Match: {}, Policies: { MaxCacheAgeSecs: -1 } }],
  ]) {
    assert.equal((await c.setRules(wrong)).status, 400);
  }
  assert.equal((await c.admin('/admin/content-policy')).json.Rules.length, 2);
  const effective = async (query: string) =>
    (await c.admin(`/admin/content-policy/effective?url=http://SOURCE/file.bin${query}`)).json;
  assert.deepEqual(await effective(''), {
    ...{ ContentId: 'mine', Block: null, Rule: 'slow', Allow: null },
    Policies: { BackgroundQosBps: 9, ExpireAtSecsSinceEpoch: 1 },
  });
  assert.deepEqual(
    [(await effective('&caller=app')).Rule, (await effective('&caller=app')).Allow],
    ['ours', null],
  );
  assert.equal((await effective('&caller=MDMSW%20Job')).Allow.Cache, false);
  await c.block({ UrlPrefix: 'http://source/', Then: 'HttpOnly' });
  assert.equal((await effective('')).Block.Then, 'HttpOnly');
});

test('what is blocked is told to nobody, by whatever name, until it is unblocked', async (t) => {
  const c = world(await startCloud(t));
  await c.publish({ ContentId: 'mine' });
  assert.deepEqual(await c.blocked(), []);
  for (const by of [
    { ContentId: 'mine' },
    { UrlPrefix: 'http://source/' },
    { HashOfHashes: phf.HashOfHashes },
  ]) {
    const { status, json } = await c.block(by);
    assert.equal(status, 201);
    for (const reply of [await c.policy(), await c.policy('x', 'mine')]) {
      assert.deepEqual([reply.status, reply.json.Code], [403, 'ContentBlocked']);
      assert.match(reply.json.Message, /recalled/);
    }
    const [block] = await c.blocked();
    // Devices know it by its hash.
    if ('ContentId' in by) assert.equal(block?.HashOfHashes, phf.HashOfHashes);
    if (!('UrlPrefix' in by)) assert.equal((await c.ask('/content/mine/pieceshash')).status, 403);
    const gone = await c.admin(`/admin/blocks/${json.Id}`, { method: 'DELETE' });
    assert.equal(gone.status, 204);
    assert.equal((await c.policy()).status, 200);
  }
  const { json } = await c.block({ UrlPrefix: url, Then: 'HttpOnly' });
  assert.equal((await c.policy()).json.Code, 'ContentHttpOnly');
  await c.block({ UrlPrefix: 'http://source/' });
  assert.equal((await c.policy()).json.Code, 'ContentBlocked', 'the stricter one counts');
  assert.equal((await c.admin('/admin/blocks')).json.Blocks[0].Id, json.Id);
  assert.equal((await c.block({})).status, 400);
  assert.equal((await c.block({ UrlPrefix: 'x' })).status, 400);
  assert.equal((await c.ask('/admin/blocks')).status, 401);
});

test('members of a blocked swarm are told of nobody', async (t) => {
  const c = world(await startCloud(t));
  const join = async (n: string, id: object) =>
    (await c.join({ PeerId: n.repeat(40), ...id })).json;
  await join('a', { ContentId: 'mine', PeersWanted: '9' });
  assert.equal((await join('b', { ContentId: 'mine' })).Peers.length, 1);
  await c.block({ ContentId: 'mine' });
  assert.equal((await join('c', { ContentId: 'mine' })).Peers.length, 0);
  await c.block({ UrlPrefix: url });
  const { json } = await c.join({
    PeerId: 'd'.repeat(40),
    ContentId: undefined,
    AltCatalogId: url,
  });
  assert.deepEqual(json.Peers, []);
});
