import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isSluiceError, ManualClock } from '@sluice/protocol';
import { Preheater } from '../preheat/preheater.ts';
import { temporaryFolder, until } from '../testing/harness.ts';
import { Issues } from '../watch/issues.ts';
import { CloudJobs } from './cloud-jobs.ts';
import { CloudLink } from './cloud-link.ts';

interface Heard {
  path: string;
  authorization: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what the node says
  body: any;
}

const registered = { CacheNodeId: 'id', Name: 'site-1', Key: 'k'.repeat(43) };
const beaten = {
  ...{ HeartbeatSeconds: 60, IsEnabled: true, MaxAllowableEgressInMbps: null },
  ...{ Jobs: [] as object[], Cancel: [] as string[] },
};

/** A cloud that says what it is told to. */
async function standIn(t: TestContext) {
  const heard: Heard[] = [];
  const replies = {
    register: [200, registered] as [number, object],
    beat: [200, beaten] as [number, object],
  };
  const server = createServer(async (message: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const { url: path = '', headers } = message;
    heard.push({ path, authorization: headers.authorization, body });
    const [status, reply] = path.endsWith('register') ? replies.register : replies.beat;
    response.writeHead(status, { connection: 'close' }).end(JSON.stringify(reply));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { heard, replies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function world(t: TestContext) {
  const cloud = await standIn(t);
  const clock = new ManualClock();
  const stateDir = join(await temporaryFolder(t), 'node');
  const issues = new Issues(
    () => 0,
    () => [],
  );
  const preheater = new Preheater(async () => 'Fetched', clock);
  const figures = () => ({
    ...{ Port: 80, State: 'Healthy' as const, EgressMbps: 0, Issues: [] },
    ...{ HitBytes: 0, MissBytes: 0, SourceBytes: 0, Requests: 0, CacheBytes: 0, ActiveAnswers: 0 },
  });
  const link = (registrationKey?: string, url = cloud.url) => {
    const jobs = new CloudJobs(preheater);
    const deps = { stateDir, clock, logger: undefined, issues, jobs, figures };
    const made = new CloudLink({ url, registrationKey }, deps);
    t.after(() => made.close());
    return made;
  };
  return { ...cloud, clock, stateDir, issues, link };
}

test('registers once, keeps what it got for its user alone, and phones home', async (t) => {
  const { heard, link, clock, stateDir } = await world(t);
  const first = link('registration-key-1');
  await first.start();
  await until(() => first.status.State === 'Healthy');
  assert.deepEqual(
    heard.map(({ path }) => path),
    ['/cache-nodes/register', '/cache-nodes/heartbeat'],
  );
  assert.equal(heard[1]!.authorization, `Bearer id.${registered.Key}`);
  const file = join(stateDir, 'identity.json');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.ok(!(await readFile(file, 'utf8')).includes('registration-key-1'));
  await until(() => clock.pending === 1);
  clock.advance(60_000);
  await until(() => heard.length === 3);
  await first.close();
  for (const key of [undefined, 'registration-key-1']) {
    const before = heard.length;
    const again = link(key);
    await again.start();
    await until(() => again.status.State === 'Healthy');
    assert.deepEqual(
      heard.slice(before).map(({ path }) => path),
      ['/cache-nodes/heartbeat'],
    );
    await again.close();
  }
  const renewed = link('registration-key-2');
  await renewed.start();
  await until(() => renewed.status.State === 'Healthy');
  assert.equal(heard.at(-2)!.body.RegistrationKey, 'registration-key-2');
});

test('without key or registration there is a clear error; another cloud needs another one', async (t) => {
  const { link } = await world(t);
  const wrong = (e: unknown) => isSluiceError(e, 'InvalidArgument');
  await assert.rejects(link().start(), wrong);
  const first = link('registration-key-1');
  await first.start();
  await until(() => first.status.State === 'Healthy');
  await assert.rejects(link(undefined, 'http://other.example').start(), wrong);
});

test('a cloud that refuses or is not there is an issue, and asked again ever more rarely', async (t) => {
  const { heard, replies, link, clock, issues } = await world(t);
  replies.beat = [401, {}];
  const node = link('registration-key-1');
  await node.start();
  await until(() => node.status.State === 'Not provisioned' && clock.pending === 1);
  assert.match(issues.list[0]!.Detail, /does not take this node/);
  clock.advance(5_000);
  await until(() => heard.length === 3 && clock.pending === 1);
  replies.beat = [200, { HeartbeatSeconds: 0 }];
  clock.advance(5_000);
  assert.equal(heard.length, 3);
  clock.advance(5_000);
  await until(() => node.status.State === 'Unhealthy' && clock.pending === 1);
  replies.beat = [200, beaten];
  clock.advance(20_000);
  await until(() => node.status.State === 'Healthy');
  assert.equal(issues.list.filter(({ EndTime }) => EndTime === null).length, 0);
});

test('does the jobs of the cloud and reports each end once', async (t) => {
  const { heard, replies, link, clock } = await world(t);
  const job = { Id: 'j.1', Urls: ['http://cdn.example/a'], Rate: null };
  replies.beat = [200, { ...beaten, Jobs: [job, { ...job, Urls: ['ftp://x'] }] }];
  const node = link('registration-key-1');
  await node.start();
  await until(() => clock.pending === 1);
  assert.equal(node.status.State, 'Unhealthy', 'a reply with a wrong URL counts for nothing');
  replies.beat = [200, { ...beaten, Jobs: [job] }];
  clock.advance(5_000);
  await until(() => node.status.State === 'Healthy' && clock.pending === 1);
  replies.beat = [200, beaten];
  clock.advance(60_000);
  await until(() => heard.length === 4 && clock.pending === 1);
  const [report] = heard[3]!.body.Jobs;
  assert.deepEqual([report.Id, report.State, report.Results[0].State], ['j.1', 'Ended', 'Fetched']);
  clock.advance(60_000);
  await until(() => heard.length === 5);
  assert.deepEqual(heard[4]!.body.Jobs, []);
});
