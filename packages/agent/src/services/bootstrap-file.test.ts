import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import { bytesOf, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { BootstrapFile } from './bootstrap-file.ts';
import { CloudClient } from './cloud-client.ts';

const never = new AbortController().signal;
const url = 'http://source/file';
const phf = phfOf(bytesOf(10));
const hourMs = 3_600_000;

/** A cloud that one process has asked, and what the next one makes of it. */
async function askedBefore() {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-services-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const cloud = stack.use(await FakeCloud.start());
  cloud.cacheHost = '192.0.2.5';
  cloud.publish(url, phf);
  const path = join(folder, 'made', 'file.json');
  let wallMs = 1_000_000;
  /** A process, and what was set by the cloud in it. */
  const start = ({ cloudUrl = cloud.url, version = '1' } = {}) => {
    const logger = pino({ level: 'silent' });
    const file = new BootstrapFile({ path, cloudUrl, version, now: () => wallMs, logger });
    const told: string[] = [];
    const client = new CloudClient({
      cloudUrl,
      version,
      file,
      clock: new ManualClock(),
      onSettings: (reply) => told.push(reply.ContentPolicy_EndpointFullUri),
    });
    stack.defer(() => client.close());
    return { client, told };
  };
  const { client } = start();
  await client.contentPolicy({ url }, never);
  await client.close();
  cloud.requests.length = 0;
  return {
    cloud,
    path,
    start,
    later: (ms: number) => (wallMs += ms),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('the next process asks for the content policy at once, and where the services are beside that', async () => {
  await using w = await askedBefore();
  w.cloud.intercept = (path) => path === '/geo'; // It never answers.
  const { client, told } = w.start();
  w.later(hourMs);
  const { HashOfHashes } = await client.contentPolicy({ url }, never);
  assert.equal(HashOfHashes, phf.hashOfHashes);
  assert.deepEqual(told.length, 1, 'settings are among what is known');
  assert.deepEqual(w.cloud.requests.map((r) => r.split('/')[1]).sort(), ['content', 'geo']);
});

for (const [name, spoil] of Object.entries({
  'is older than an hour': async (w: World) => w.later(hourMs + 1),
  'is of the future': async (w: World) => w.later(-1),
  'is damaged': async ({ path }: World) => {
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('/content/', '/CONTENT/'));
  },
  'is no JSON': async ({ path }: World) => writeFile(path, '{'),
  'is gone': async ({ path }: World) => rm(path),
})) {
  test(`what ${name} is not believed`, async () => {
    await using w = await askedBefore();
    await spoil(w);
    await w.start().client.contentPolicy({ url }, never);
    assert.deepEqual(
      w.cloud.requests.map((r) => r.split('/')[1]),
      ['geo', 'all', 'content'],
    );
    w.cloud.requests.length = 0;
  });
}

type World = Awaited<ReturnType<typeof askedBefore>>;

test('another cloud, and another version of Sluice, ask for themselves', async () => {
  await using w = await askedBefore();
  await using other = await FakeCloud.start();
  other.publish(url, phf);
  await w.start({ cloudUrl: other.url }).client.contentPolicy({ url }, never);
  assert.deepEqual([w.cloud.requests.length, other.requests[0]], [0, 'GET /geo']);
  await w.start({ version: '2' }).client.contentPolicy({ url }, never);
  assert.equal(w.cloud.requests[0], 'GET /geo');
});

test('where the services have moved since, they are asked at the new place', async () => {
  await using w = await askedBefore();
  await using moved = await FakeCloud.start();
  moved.publish(url, phf);
  const services = await (await fetch(`${moved.url}/all`)).text();
  w.cloud.intercept = (path, response) => {
    if (path === '/geo') return false;
    if (path === '/all') response.end(services);
    else response.writeHead(404).end('{}');
    return true;
  };
  const { client, told } = w.start();
  const { HashOfHashes } = await client.contentPolicy({ url }, never);
  assert.equal(HashOfHashes, phf.hashOfHashes);
  assert.equal(told.length, 2);
  assert.equal(await client.arrayUrl({ url }, never), `${moved.url}/array/`);
});

test('cache hosts are those of the network that the device is in now', async () => {
  await using w = await askedBefore();
  w.cloud.cacheHost = '192.0.2.9:8080';
  const { client } = w.start();
  assert.deepEqual((await client.cacheHosts(never)).hosts, ['192.0.2.9:8080']);
  await client.close();
  w.cloud.intercept = (path, response) => path === '/geo' && Boolean(response.writeHead(500).end());
  assert.deepEqual((await w.start().client.cacheHosts(never)).hosts, [], 'none is known');
});

test('an error that is the same at the place they are at now is told', async () => {
  await using w = await askedBefore();
  const { client } = w.start();
  await assert.rejects(client.contentPolicy({ url: 'http://source/other' }, never), {
    code: 'ContentUnknown',
  });
  assert.equal(w.cloud.requests.filter((r) => r.startsWith('GET /content')).length, 1);
});
