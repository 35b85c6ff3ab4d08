/** Signed hash lists: from the publisher's key to what a device does with them, by real commands and an agent. */
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createAgent } from '@sluice/agent';
import { createCloud } from '@sluice/cloud';
import type { KeySet } from '@sluice/protocol';
import { startSource } from '../get/source-server.test-support.ts';
import { runCli, temporaryHome } from '../run-cli.test-support.ts';

const adminToken = 'the-admin-token-of-this-test';
const content = Buffer.alloc(300_000, 'sluice');

test('a device believes keys of its set and of those that follow, and nobody else', async () => {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await temporaryHome());
  const source = stack.use(await startSource({ '/file': content }));
  const listen = { host: '127.0.0.1', port: 0 };
  const cloud = stack.use(await createCloud({ dataDir: home.path('c'), listen, adminToken }));
  const env = { ...home.env, SLUICE_CLOUD: cloud.url, SLUICE_ADMIN_TOKEN: adminToken };
  const sluice = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(args, { env, cwd: home.folder });
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  await writeFile(home.path('f'), content);
  const publish = (...args: string[]) =>
    sluice('publish', 'f', '--url', source.url('/file'), ...args);
  let n = 0;
  const get = async (keys: KeySet, isStrict = false) => {
    n++;
    await using agent = await createAgent({
      ...{
        dataDir: home.path(`data-${n}`),
        cloudUrl: cloud.url,
        peerPort: 0,
        localDiscovery: false,
      },
      ...{ settings: { DOMinFileSizeToCache: 0 }, trustedKeys: { keys, isStrict } },
    });
    const Output = home.path(`out-${n}`);
    const status = await (await agent.download({ Url: source.url('/file'), Output })).finished;
    return [status.State, status.Verified, status.Error?.Code];
  };
  const verified = ['Finalized', true, undefined];
  const simple = ['Finalized', false, undefined];

  const first = await sluice('keys', 'create', 'first.pem', '--set', 'keys.json');
  assert.equal((await stat(home.path('first.pem'))).mode & 0o777, 0o600);
  const pinned: KeySet = JSON.parse(await readFile(home.path('keys.json'), 'utf8'));
  await sluice('keys', 'push', 'keys.json');
  await publish();
  assert.deepEqual(await get(pinned), simple, 'not signed');
  assert.deepEqual(await get(pinned, true), ['Failed', false, 'NotSigned']);
  const strictly = ['--trusted-keys', 'keys.json', '--require-signed', '--no-local-discovery'];
  const command = ['get', source.url('/file'), '-o', 'got', '--json', ...strictly];
  const refused = await runCli(command, { env, cwd: home.folder });
  assert.match(refused.stdout, /"NotSigned"/);
  await publish('--sign-key', 'first.pem');
  assert.equal(JSON.parse(await sluice(...command)).Verified, true);
  assert.deepEqual(await get(pinned, true), verified);

  // The key is renewed; the device learns the new one from the cloud, by the signature of the old one.
  const second = await sluice('keys', 'create', 'second.pem');
  await publish('--sign-key', 'second.pem');
  assert.deepEqual(await get(pinned), simple, 'a key that nobody vouches for');
  await sluice('keys', 'rotate', 'keys.json', 'second.pem', '--sign-key', 'first.pem');
  await sluice('keys', 'push', 'keys.json');
  assert.deepEqual(await get(pinned, true), verified);
  await publish('--sign-key', 'first.pem');
  await sluice('keys', 'revoke', 'keys.json', first, '--sign-key', 'second.pem');
  await sluice('keys', 'push', 'keys.json');
  assert.deepEqual(await get(pinned, true), ['Failed', false, 'NotSigned'], 'revoked');
  assert.equal(
    await sluice('keys', 'list', 'keys.json'),
    `version 3, signed by ${second}\n${first}  revoked\n${second}`,
  );
  const args = ['keys', 'rotate', 'keys.json', 'first.pem', '--sign-key', 'first.pem'];
  assert.equal((await runCli(args, { env, cwd: home.folder })).code, 2);
});
