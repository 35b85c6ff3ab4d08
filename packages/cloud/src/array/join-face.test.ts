import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { startCloud } from '../cloud.test-support.ts';
import { TestDevice } from '../identity/device.test-support.ts';

const id = (n: number) => n.toString(16).padStart(40, '0');
const member = { ContentId: 'c', PeerId: id(1), Left: '1' };
/** Goes by the face. */
const plain = '/array/join/';
/** The same route, and not by the face. */
const route = '/array/join';

test('the face and the route answer alike, whatever is sent, and count alike', async (t) => {
  const { ask } = await startCloud(t);
  await ask(route, { body: { ...member, PeerId: id(2), Left: '0' } });
  const json = { 'content-type': 'application/json' };
  const asked: Parameters<typeof ask>[1][] = [
    { body: member },
    { body: { ...member, Scope: '99', PeersWanted: '0', Unknown: [{}] } },
    { body: member, headers: { 'content-type': 'text/json' } },
    { body: member, headers: { 'content-type': 'application/json; charset=utf-8' } },
    { body: { ...member, JoinRequestEvent: 'stopped' } },
    { body: { ...member, ContentId: 'ü' } },
    { body: { ...member, ContentId: 'a"\\b' } },
    { body: { ...member, Profile: 'constructor' } },
    { body: { ...member, Extra: 'x'.repeat(5_000) } },
    { body: { ...member, Extra: 'x'.repeat(40_000) } },
    { body: { ...member, Left: 1 } },
    { body: { ...member, Port: '0' } },
    { body: { ...member, ContentId: 'a\u0000' } },
    { body: { ...member, ContentId: '' } },
    { body: 'null' },
    { body: '{"ContentId":', headers: json },
    { body: '', method: 'POST', headers: json },
    { body: Uint8Array.of(0x7b, 0xff, 0x7d), headers: json },
    { body: '{"__proto__":{},"PeerId":"0"}', headers: json },
    { body: '{"\\u005f_proto__":{},"PeerId":"0"}', headers: json },
    { body: JSON.stringify(member), headers: { 'content-type': 'text/plain' } },
  ];
  const view = ({ status, text, headers }: Awaited<ReturnType<typeof ask>>) => {
    const { date: _, 'x-request-id': requestId, ...others } = headers;
    assert.match(String(requestId), /^[0-9a-f-]{36}$/);
    return { status, text, others };
  };
  let done = 1;
  for (const one of asked) {
    const [first, second] = [await ask(plain, one), await ask(route, one)];
    assert.deepEqual(view(first), view(second), JSON.stringify(one));
    if (first.status === 200) done += 2;
  }
  const { text } = await ask('/metrics');
  const ofRoute = /requests_total\{route="\/array\/join\/",method="POST",status="2xx"\} (\d+)/;
  assert.equal(Number(ofRoute.exec(text)?.[1]), done);
});

test('bodies in parts, refused or not, and requests one after the other on one connection', async (t) => {
  const { cloud } = await startCloud(t);
  const socket = connect(Number(new URL(cloud.url).port), '127.0.0.1').setNoDelay(true);
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  let received = '';
  const answers = async (count: number) => {
    while (received.split('HTTP/1.1 ').length <= count) received += (await once(socket, 'data'))[0];
    return [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]);
  };
  const request = (body: string) =>
    `POST ${plain} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const [good, bad] = [request(JSON.stringify(member)), request('{"PeerId":"nobody","Left":"1"}')];
  // The next part is sent when the answer to what came before says that the first was read.
  let count = 0;
  for (const [whole, status] of [
    [good, '200'],
    [bad, '400'],
    [good, '200'],
  ] as const) {
    socket.write(good + whole.slice(0, -10));
    assert.equal((await answers(++count)).at(-1), '200');
    socket.write(whole.slice(-10));
    assert.equal((await answers(++count)).at(-1), status);
  }
  socket.write(good + bad + good);
  assert.deepEqual((await answers(count + 3)).slice(count), ['200', '400', '200']);
});

test('a site that joins too often is told to wait', async (t) => {
  const { ask } = await startCloud(t, { requestsPerSecond: 1 });
  for (let i = 0; i < 2; i++) assert.equal((await ask(plain, { body: member })).status, 200);
  const { status, headers } = await ask(plain, { body: member });
  assert.deepEqual([status, headers['retry-after']], [429, '1']);
});

/** What is answered to a join of which only the head comes. */
async function answerToHead(url: string): Promise<string | undefined> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(
    `POST ${plain} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n`,
  );
  return /^HTTP\/1\.1 (\d+)/.exec(await text(socket))?.[1];
}

test('who has to wait, or has no session, is told so before its body has come', async (t) => {
  const busy = await startCloud(t, { requestsPerSecond: 1 });
  for (let i = 0; i < 2; i++) await busy.ask(plain, { body: member });
  assert.equal(await answerToHead(busy.cloud.url), '429');
  const closed = await startCloud(t, { enrolment: 'required' });
  assert.equal(await answerToHead(closed.cloud.url), '401');
});

test('a join that the face passes on to the route counts once, for its site and for its device', async (t) => {
  const body = { ...member, Profile: 'constructor' };
  const { ask } = await startCloud(t, { requestsPerSecond: 1 });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await ask(plain, { body })).status);
  assert.deepEqual(statuses, [200, 200, 429]);
  const cloud = await startCloud(t, { enrolment: 'required' });
  const headers = await (await TestDevice.enrolled(cloud)).headers();
  // A device may come a hundred times at once.
  for (let i = 0; i < 100; i++) {
    assert.equal((await cloud.ask(plain, { body, headers })).status, 200, `join ${i}`);
  }
  assert.equal((await cloud.ask(plain, { body, headers })).status, 429);
});
