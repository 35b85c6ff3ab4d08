import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  contentIdOf,
  fillEndpoint,
  isSluiceError,
  parsePiecesHashFile,
  verifyPiecesHashFile,
} from '@sluice/protocol';
import {
  parseContentPolicyReply,
  parseDiscoveryReply,
  parseGeoReply,
  parseJoinReply,
  parseKeyValueReply,
  parsePublishReply,
} from '@sluice/protocol/schemas';
import { phf, startCloud, temporaryDir } from './cloud.test-support.ts';
import { createCloud } from './cloud.ts';

const getJson = async (url: string) => (await fetch(url)).json();

test('a device finds its way from the Geo service to its peers', async (t) => {
  const { cloud, publish } = await startCloud(t);
  const url = 'http://source/file.bin?v=1';
  const published = parsePublishReply((await publish({ Urls: [url] })).json);
  assert.equal(published.ContentId, contentIdOf(phf.HashOfHashes));

  const geo = parseGeoReply(await getJson(`${cloud.url}/geo?doClientVersion=1`));
  assert.equal(geo.ExternalIpAddress, '127.0.0.1');
  assert.deepEqual(parseGeoReply(await getJson(`${cloud.url}/geoversion`)), geo);
  const settings = parseKeyValueReply(await getJson(geo.KeyValue_EndpointFullUri));
  assert.deepEqual(parseKeyValueReply(geo.KeyValue), settings);

  const policyUrl = fillEndpoint(settings.ContentPolicy_EndpointFullUri, undefined);
  const byUrl = `${policyUrl}?altCatalogId=${encodeURIComponent(url)}`;
  const policy = parseContentPolicyReply(await getJson(byUrl));
  assert.equal(policy.HashOfHashes, phf.HashOfHashes);
  assert.deepEqual(policy.ContentCdnUrls, [url]);
  const id = policy.ContentId;
  const byId = fillEndpoint(settings.ContentPolicy_EndpointFullUri, id);
  assert.deepEqual(parseContentPolicyReply(await getJson(byId)), policy);

  const list = await (await fetch(policy.PiecesHashFileCdnUrls[0]!)).bytes();
  verifyPiecesHashFile(parsePiecesHashFile(list), policy.HashOfHashes);

  const discovery = fillEndpoint(settings.Discovery_EndpointFullUri, id);
  const withoutId = fillEndpoint(settings.Discovery_EndpointFullUri, undefined);
  assert.deepEqual(await getJson(`${withoutId}?altCatalogId=x`), await getJson(discovery));
  const array = parseDiscoveryReply(await getJson(discovery))[0]!.CollectiveArray;
  const join = async (PeerId: string, Port: string) => {
    const body = JSON.stringify({ ContentId: id, PeerId, Port, Left: '5', PeersWanted: '9' });
    const headers = { 'content-type': 'text/json' };
    const response = await fetch(`${array}join/`, { method: 'POST', headers, body });
    assert.match(response.headers.get('content-type')!, /^text\/json/);
    return parseJoinReply(await response.json());
  };
  assert.deepEqual((await join('aa'.repeat(20), '7001')).Peers, []);
  const { Peers, NextJoinTimeIntervalInMs } = await join('bb'.repeat(20), '7002');
  assert.deepEqual(Peers, [
    { PeerId: 'aa'.repeat(20), Ip: '127.0.0.1', Port: 7001, Type: 'LAN', Left: 5 },
  ]);
  assert.equal(NextJoinTimeIntervalInMs, 5_000);
});

test('contents and the admin token outlive a restart', async (t) => {
  const first = await startCloud(t);
  await first.publish();
  await first.cloud.close();
  const second = await startCloud(t, { dataDir: first.dataDir });
  const { json } = await second.ask('/admin/content', {
    headers: { authorization: `Bearer ${first.token}` },
  });
  assert.equal(json.Contents.length, 1);
});

const addresses = Object.values(networkInterfaces()).flat();
const skip = addresses.some((a) => a?.address === '::1') ? false : 'no IPv6 on this machine';

test('listens on IPv6, and takes IPv4 callers there under their IPv4 address', {
  skip,
}, async (t) => {
  const { cloud, ask } = await startCloud(t, { listen: { host: '::', port: 0 } });
  assert.match(cloud.url, /^http:\/\/\[::1\]:\d+$/);
  assert.equal((await ask('/geo')).json.ExternalIpAddress, '::1');
  const mapped = (await ask('/geo', { host: '127.0.0.1' })).json;
  assert.equal(mapped.ExternalIpAddress, '127.0.0.1');
});

test('a port that is taken is a clear error, and nothing stays open', async (t) => {
  const { cloud } = await startCloud(t);
  const port = Number(new URL(cloud.url).port);
  const dataDir = await temporaryDir(t);
  const listen = { host: '127.0.0.1', port };
  await assert.rejects(createCloud({ dataDir, listen }), (e) => isSluiceError(e, 'ListenFailed'));
  await (await createCloud({ dataDir, listen: { ...listen, port: 0 } })).close();
});

test('a data directory that cannot be made is a clear error', async (t) => {
  const file = join(await temporaryDir(t), 'file');
  await writeFile(file, '');
  const options = { dataDir: join(file, 'sub'), listen: { host: '127.0.0.1', port: 0 } };
  await assert.rejects(createCloud(options), (e) => isSluiceError(e, 'DataDirUnusable'));
});

test('closing ends idle connections at once and stuck ones after the grace time', async (t) => {
  const { cloud, clock } = await startCloud(t);
  const { port } = new URL(cloud.url);
  const stuck = connect(Number(port), '127.0.0.1');
  await once(stuck, 'connect');
  stuck.write('POST /array/join/ HTTP/1.1\r\nHost: h\r\nContent-Type: text/json\r\n');
  stuck.write('Content-Length: 100\r\n\r\n{');
  await fetch(`${cloud.url}/health`);
  const gone = once(stuck, 'close');
  const closed = cloud.close();
  assert.equal(cloud.close(), closed);
  clock.advance(5_000);
  await closed;
  stuck.resume();
  await gone;
  await assert.rejects(fetch(`${cloud.url}/health`));
});
