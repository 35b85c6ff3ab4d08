import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCatalogue } from '@sluice/protocol';
import { parseErrorReply } from '@sluice/protocol/schemas';
import { startCloud } from '../cloud.test-support.ts';
import { type Answer, type Attack, apiClient, rawAnswer } from './api-client.test-support.ts';
import { attacksOn, operationsOf } from './attacks.test-support.ts';

const cheap = { logN: 4, r: 8, p: 1 };
const seed = 20;
const ofAdmins = /^\/(?:admin(?!\/login)|openapi\.json)/;
/** What an owner can see of what is stored. */
const lists = [
  ...[
    'content',
    'settings',
    'content-policy',
    'blocks',
    'rollouts',
    'cache-nodes',
    'users',
    'tokens',
  ],
  ...['enrolments', 'devices', 'ingest', 'alarms', 'hash-log', 'swarms'].map(String),
].map((name) => `/admin/${name}`);
const inside = /node_modules|\n {4}at |\.ts:\d|\/sluice-cloud-|SQLITE|sqlite|syntax error at/;

/** It was refused in the words of the catalogue, or what was asked is legal; nothing of the inside is told. */
function checkAnswer({ status, text, type }: Answer, { name, method, path }: Attack): void {
  const told = `${method} ${path.slice(0, 200)} (${name.slice(0, 200)}): ${status} ${text.slice(0, 300)}`;
  assert.doesNotMatch(text, inside, told);
  // Where the console was not built, that is what its page says.
  if (status === 503 && path.startsWith('/console/')) return;
  assert.ok(status >= 200 && status < 500, told);
  // SQLite would take it, PostgreSQL fails.
  if (name.startsWith('NUL in')) assert.ok(status >= 400, told);
  if (status < 400) return;
  assert.match(type, /^text\/json/, told);
  if (method === 'HEAD') return;
  assert.ok(parseErrorReply(JSON.parse(text)).Code in errorCatalogue, told);
}

/** Each costs time: those of the path, and some bodies. */
const strangers = (attacks: readonly Attack[]) => attacks.filter((_, i) => i % 6 === 0);

const options = { requestsPerSecond: Number.POSITIVE_INFINITY, passwordCost: cheap };

test('every route says what it takes, and refuses what is none of it', async (t) => {
  const { admin, ask, cloud } = await startCloud(t);
  assert.equal((await ask('/openapi.json')).status, 401);
  const { json, status } = await admin('/openapi.json');
  assert.equal(status, 200);
  const operations = operationsOf(json);
  assert.ok(operations.length > 70, String(operations.length));
  const bodiless = /\/(?:logout|retry|registration-key)$/;
  for (const { method, path, parameters, body } of operations) {
    const told = `${method} ${path}`;
    const named = parameters.filter((p) => p.in === 'path' && 'pattern' in p.schema);
    assert.deepEqual(
      named.map((p) => `{${p.name}}`),
      path.match(/\{\w+\}/g) ?? [],
      told,
    );
    const takesBody = /^P/.test(method) && !bodiless.test(path);
    assert.equal(body !== undefined, takesBody, told);
  }
  // Also where it is optional.
  for (const query of ['groupId=a&groupId=b', 'altCatalogId=a&altCatalogId=b']) {
    const { status, json } = await ask(`/discovery/content/c?${query}`);
    assert.deepEqual([status, json.Code], [400, 'RequestInvalid'], query);
  }
  // What is no HTTP, too.
  for (const [request, status] of [
    ['FOO /health HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['GET /health HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n', 400],
    ['GET /health HTTP/1.1\r\nHost a\r\n\r\n', 400],
    [`GET /health HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    [
      'POST /array/join/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
  ] as const) {
    const answer = await rawAnswer(cloud.url, request, /"Remedy":|statusCode/);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), request.slice(0, 99));
    assert.ok(answer.includes('{"Code":'), answer);
    assert.match(answer, /text\/json/);
  }
  assert.equal((await ask('/health')).status, 200);
});

test('bad input is refused, keeps nothing and breaks nothing, whoever sends it', async (t) => {
  const ingest = { allow: ['source'] };
  const cloud = await startCloud(t, { ...options, ingest });
  const { url } = cloud.cloud;
  await cloud.publish({ ContentId: 'abc-1' });
  await cloud.admin('/admin/cache-nodes', { body: { Name: 'abc-1' } });
  const operations = operationsOf((await cloud.admin('/openapi.json')).json);
  const asOwner = apiClient(t, url, cloud.token);
  const asStranger = apiClient(t, url, undefined);
  const get = (path: string): Attack => ({ name: 'look', method: 'GET', path });
  const stored = async () => {
    const texts = [];
    for (const path of lists) texts.push((await asOwner(get(path))).text);
    return texts;
  };
  let before = await stored();
  for (const [i, operation] of operations.entries()) {
    const attacks = attacksOn(operation, 5, seed + i);
    let taken = 0;
    for (const attack of attacks) {
      const answer = await asOwner(attack);
      checkAnswer(answer, attack);
      if (answer.status < 400 && attack.method !== 'GET') taken++;
    }
    // What only asks stores nothing.
    const after = operation.method === 'GET' && taken === 0 ? before : await stored();
    if (taken === 0) assert.deepEqual(after, before, `${operation.method} ${operation.path}`);
    before = after;
    for (const attack of strangers(attacks)) {
      const answer = await asStranger(attack);
      checkAnswer(answer, attack);
      const isAsked = attack.method === operation.method && !attack.name.startsWith('segment');
      if (isAsked && ofAdmins.test(operation.path)) {
        assert.equal(answer.status, 401, `${operation.method} ${operation.path}: ${attack.name}`);
      }
    }
  }
  assert.deepEqual(await stored(), before, 'strangers have changed something');
  assert.equal((await cloud.ask('/health')).json.Status, 'ok');
});

test('strangers are refused before their body is read', async (t) => {
  const enrolled = await startCloud(t, { ...options, enrolment: 'required' });
  const { url } = enrolled.cloud;
  const operations = operationsOf((await enrolled.admin('/openapi.json')).json);
  const open = /^\/(?:health|ready|metrics|identity|console|admin\/login|cache-nodes\/register)/;
  const asked = operations.filter(({ path }) => !open.test(path));
  assert.ok(asked.length > 60);
  for (const { method, path } of asked) {
    const target = path.replaceAll(/\{\w+\}/g, 'a');
    // It never comes.
    const body = 'Content-Type: application/json\r\nContent-Length: 1000\r\n';
    const answer = await rawAnswer(
      url,
      `${method} ${target} HTTP/1.1\r\nHost: a\r\n${method === 'GET' ? '' : body}\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 401 /, `${method} ${path}`);
  }
});
