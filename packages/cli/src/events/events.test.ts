import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startSource } from '../get/source-server.test-support.ts';
import { runCli, temporaryHome } from '../run-cli.test-support.ts';

interface Waiting {
  Events: { EventId: string; Name: string; ContentType?: string; BytesFromCDN?: number }[];
  Sent: number;
}

/** A cloud that knows no contents, and takes events when it is told to. */
async function startCloud() {
  const cloud = { takes: false, url: '', names: new Map<string, string>() };
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const reply = (status: number, json: object) =>
      response.writeHead(status, { 'content-type': 'text/json' }).end(JSON.stringify(json));
    const path = request.url?.split('?')[0];
    if (path === '/geo') {
      reply(200, { ExternalIpAddress: '192.0.2.1', KeyValue_EndpointFullUri: `${cloud.url}/all` });
    } else if (path === '/all') {
      reply(200, {
        ContentPolicy_EndpointUri: cloud.url,
        ContentPolicy_EndpointFullUri: `${cloud.url}/content/{contentId}`,
        Discovery_EndpointFullUri: `${cloud.url}/discovery/{contentId}`,
        Sluice_EventsUri: `${cloud.url}/events`,
      });
    } else if (path === '/events' && cloud.takes) {
      const { Events } = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString());
      for (const { EventId, Name } of Events) cloud.names.set(EventId, Name);
      reply(202, { Accepted: Events.length, Duplicates: 0 });
    } else reply(path === '/events' ? 503 : 404, {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cloud.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(cloud, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

test('what a download could not tell waits, is shown, and goes with the next one', async () => {
  await using home = await temporaryHome();
  await using source = await startSource({ '/f': randomBytes(100_000) });
  await using cloud = await startCloud();
  const get = async () => {
    const args = ['get', source.url('/f'), '-o', home.path('out'), '--cloud', cloud.url, '-q'];
    const { code, stderr } = await runCli([...args, '--content-type', 'Apps'], home);
    assert.equal(code, 0, stderr);
  };
  const waiting = async (): Promise<Waiting> =>
    JSON.parse((await runCli(['events', '--json'], home)).stdout);
  assert.match((await runCli(['events'], home)).stdout, /^0 waiting, 0 sent \(never\), 0 dropped/);
  await get();
  const { Events: all, Sent } = await waiting();
  // The machine may have a cache host of its own, which knows nothing of this.
  const Events = all.filter(({ Name }) => Name !== 'FailureCdnCommunication');
  assert.deepEqual(
    Events.map(({ Name }) => Name),
    ['DownloadStarted', 'DownloadCompleted', 'DeviceSnapshot'],
  );
  assert.deepEqual([Events[1]?.ContentType, Events[1]?.BytesFromCDN], ['Apps', 100_000]);
  assert.equal(Sent, 0);
  cloud.takes = true;
  // A busy machine may not have it answered before it ends.
  do await get();
  while ((await waiting()).Events.length > 0);
  for (const { EventId, Name } of Events) assert.equal(cloud.names.get(EventId), Name);
  const { stdout } = await runCli(['events'], home);
  assert.match(stdout, /^0 waiting, [1-9]\d* sent \(last 20\d\d-.*\), 0 dropped\n$/);
});
