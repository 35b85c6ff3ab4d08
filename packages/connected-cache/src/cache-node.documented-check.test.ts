/**
 * The checks that Microsoft documents for a node (connected-cache.md §6), with the programs that it
 * names, against a stand-in for its content hosts.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { LookupFunction } from 'node:net';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { formatContentRange, parseRange } from '@sluice/protocol';
import {
  assertBytes,
  filled,
  get,
  randomBytesOf,
  startNode,
  temporaryFolder,
} from './testing/harness.ts';

const run = promisify(execFile);
/** Of this machine like 127.0.0.1, and nobody serves there. */
const standInAddress = '127.77.0.1';
const gif = '/mscomtest/wuidt.gif';
const png = '/filestreamingservice/files/7bc846e0-af9c-49be-a03d-bb04428c9bb5/Microsoft.png';
const hosts = [
  'au.download.windowsupdate.com',
  'b1.download.windowsupdate.com',
  'dl.delivery.mp.microsoft.com',
];

const lookup: LookupFunction = (_name, options, callback) => {
  if (options.all) callback(null, [{ address: standInAddress, family: 4 }]);
  else callback(null, standInAddress, 4);
};

async function standIn(t: TestContext) {
  const files = new Map([
    [gif, { bytes: randomBytesOf(969_710), type: 'image/gif' }],
    [png, { bytes: randomBytesOf(302_341), type: 'application/octet-stream' }],
  ]);
  const asked: string[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    asked.push(`${headers.host}${url}`);
    const file = files.get(url);
    if (!file) return response.writeHead(404).end();
    const asRanges = headers.range ? parseRange(headers.range, file.bytes.length) : undefined;
    const part = Array.isArray(asRanges) ? asRanges[0] : undefined;
    const { start, end } = part ?? { start: 0, end: file.bytes.length };
    response.writeHead(part ? 206 : 200, {
      'content-type': file.type,
      'content-length': end - start,
      etag: '"stand-in"',
      ...(part && { 'content-range': formatContentRange(part, file.bytes.length) }),
    });
    return response.end(file.bytes.subarray(start, end));
  });
  server.listen(80, standInAddress);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { asked, bytes: (path: string) => files.get(path)!.bytes };
}

const mayListen = process.platform === 'linux' && process.getuid?.() === 0;
const has = (...names: string[]) => names.every((name) => existsSync(`/usr/bin/${name}`));
const skip = mayListen && has('wget', 'curl') ? false : 'needs root on Linux, wget and curl';

suite('Microsoft’s checks of a node', { skip }, () => {
  test('wget with cacheHostOrigin, curl with Host, aria2c in parts: right bytes, one copy', async (t) => {
    const { asked, bytes } = await standIn(t);
    const { node } = await startNode(t, { allow: ['microsoft', ...hosts], tuning: { lookup } });
    const folder = await temporaryFolder(t);
    const out = (name: string) => join(folder, name);
    const check = async (name: string, path: string) =>
      assertBytes(await readFile(out(name)), bytes(path));

    const marked = `${node.url}${gif}?cacheHostOrigin=${hosts[0]}`;
    const { stderr } = await run('wget', ['--no-proxy', '-S', '-O', out('gif'), marked]);
    assert.match(stderr, /HTTP\/1\.1 200 OK/);
    assert.match(stderr, /Content-Type: image\/gif/i);
    assert.match(stderr, /Content-Length: 969710/i);
    await check('gif', gif);

    const image = `${node.url}${png}?cacheHostOrigin=${hosts[2]}`;
    await run('wget', ['--no-proxy', '-q', '-O', out('png'), image]);
    await check('png', png);

    const curl = (...args: string[]) => run('curl', ['-fsS', '--noproxy', '*', ...args]);
    const byHost = ['-H', `Host: ${hosts[1]}`, '-H', 'X-CCC: US', '-H', 'X-CID: 1'];
    await curl('-o', out('by-host'), ...byHost, node.url + gif);
    await check('by-host', gif);
    await filled(node);
    const { stdout } = await curl('-I', ...byHost, node.url + gif);
    assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(stdout, /^x-cache: HIT\r$/m);

    if (has('aria2c')) {
      const parts = ['-q', '-x4', '-s4', '--no-conf', '--all-proxy=', '-d', folder];
      await run('aria2c', [...parts, '-o', 'parts', marked]);
      await check('parts', gif);
    }
    assert.deepEqual(asked.toSorted(), [hosts[0] + gif, hosts[1] + gif, hosts[2] + png]);
  });

  test('"microsoft" alone does not reach a stand-in inside: its hosts are public ones', async (t) => {
    const { asked } = await standIn(t);
    const { node } = await startNode(t, { allow: ['microsoft'], tuning: { lookup } });
    const { status, body } = await get(node, { host: hosts[0]! }, gif);
    assert.equal(status, 403);
    assert.match(body.toString(), /is at 127\.77\.0\.1, which is not a public address/);
    assert.equal(asked.length, 0);
  });
});
