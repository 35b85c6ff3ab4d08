import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { parseErrorReply, parseJoinReply } from '@sluice/protocol/schemas';
import { pino } from 'pino';
import { startCloud } from '../cloud.test-support.ts';

const id = (n: number) => n.toString(16).padStart(40, '0');
const guid = '01234567-89ab-cdef-0123-456789abcdef';

test('the reply is what clients read; leaving and "stopped" take a peer out', async (t) => {
  const { join, ask } = await startCloud(t);
  const told = async (n: number, extra = {}) =>
    parseJoinReply((await join({ PeerId: id(n), ...extra })).json).Peers.map((p) => p.PeerId);
  assert.deepEqual(await told(1), []);
  assert.deepEqual(await told(2), [id(1)]);
  assert.deepEqual(await told(1, { JoinRequestEvent: 'stopped' }), []);
  assert.deepEqual(await told(2), []);
  assert.deepEqual(await told(3, { ReportedIp: '127.0.0.3' }), [id(2)]);
  const left = await ask('/array/leave/', { body: { ContentId: 'c', PeerId: id(2) } });
  assert.deepEqual([left.status, left.json], [200, {}]);
  assert.deepEqual(await told(1), [id(3)]);
  assert.equal((await join({ PeerId: id(1) })).json.Peers[0].Ip, '127.0.0.3');
});

test('swarms by URL and by id are different ones; the id counts', async (t) => {
  const { join } = await startCloud(t);
  const count = async (n: number, request: object) =>
    (await join({ PeerId: id(n), ContentId: '', ...request })).json.Peers.length;
  assert.equal(await count(1, { AltCatalogId: 'http://h/x' }), 0);
  assert.equal(await count(2, { AltCatalogId: 'HTTP://H/x#y' }), 1);
  assert.equal(await count(3, { ContentId: 'http://h/x', AltCatalogId: 'http://h/x' }), 0);
});

test('a peer that stays away is no longer told', async (t) => {
  const { join, clock } = await startCloud(t);
  const { KeepAliveMs } = (await join({ PeerId: id(1) })).json;
  clock.advance(KeepAliveMs + 1);
  assert.deepEqual((await join({ PeerId: id(2) })).json.Peers, []);
});

test('wrong fields are refused by name', async (t) => {
  const { join } = await startCloud(t);
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ PeerId: undefined }, /PeerId/],
    [{ PeerId: 'x' }, /PeerId/],
    [{ PeerId: "' OR 1=1 --" }, /PeerId/],
    [{ Left: 5 }, /Left/],
    [{ Left: '-1' }, /Left/],
    [{ Left: '1e9' }, /Left/],
    [{ Port: 7680 }, /Port/],
    [{ Port: '70000' }, /Port/],
    [{ PeersWanted: 'all' }, /PeersWanted/],
    [{ Scope: 'x' }, /Scope/],
    [{ GroupId: 'x'.repeat(65) }, /GroupId/],
    [{ GroupId: 'no-guid' }, /GroupId/],
    [{ ReportedIp: ['10.0.0.1'] }, /ReportedIp/],
    [{ ContentId: 'a\0b' }, /ContentId/],
    [{ ContentId: 'x'.repeat(257) }, /ContentId/],
    [{ ContentId: undefined }, /ContentId/],
    [{ ContentId: '', AltCatalogId: 'nonsense' }, /AltCatalogId/],
  ];
  for (const [change, name] of cases) {
    const answer = await join(change);
    assert.equal(answer.status, 400, JSON.stringify(change));
    assert.match(parseErrorReply(answer.json).Message, name);
  }
  assert.equal((await join({ Unknown: { deep: [1] } })).status, 200);
});

test('group ids, tokens and URL queries are not in the log, even at the finest level', async (t) => {
  let log = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const logger = pino({ level: 'trace' }, sink);
  const { join, ask, publish, token } = await startCloud(t, { logger });
  await join({ GroupId: guid, Scope: '2' });
  await join({ GroupId: guid, Scope: '2', Port: '0' });
  await ask(`/geo?groupID=${guid}`);
  await publish({ Urls: ['http://h/x?signature=hidden'] });
  await ask('/content//contentpolicy?altCatalogId=http%3A%2F%2Fh%2Fx%3Fsignature%3Dhidden');
  await ask('/admin/content', { headers: { authorization: 'Bearer wrong-hidden-token' } });
  assert.match(log, /"published"/);
  for (const secret of [guid, token, 'hidden']) assert.ok(!log.includes(secret), secret);
});

test('when more join than the cloud is to take, they are told to come back later', async (t) => {
  const { join, clock } = await startCloud(t, { joinsPerSecond: 1 });
  const interval = async () => (await join({ Left: '0' })).json.NextJoinTimeIntervalInMs;
  for (let n = 0; n < 11; n++) assert.equal(await interval(), 60_000);
  clock.advance(10_000);
  assert.equal(await interval(), 120_000);
});
