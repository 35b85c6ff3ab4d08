import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { suite, test } from 'node:test';
import { createCloud } from '@sluice/cloud';
import { runCli, temporaryHome } from '../run-cli.test-support.ts';

const adminToken = 'the-admin-token-of-this-test';
const url = 'http://cdn.example.com/f';

/** A cloud, and a file to publish. */
async function world() {
  const stack = new AsyncDisposableStack();
  const home = stack.use(await temporaryHome());
  const listen = { host: '127.0.0.1', port: 0 };
  const cloud = stack.use(await createCloud({ dataDir: home.path('c'), listen, adminToken }));
  await writeFile(home.path('f'), Buffer.alloc(1.5 * 1024 ** 2, 'x'));
  await writeFile(home.path('token'), `${adminToken}\n`);
  const publish = (args: string[], env: Record<string, string> = {}) =>
    runCli(['publish', 'f', '--url', url, ...args], {
      cwd: home.folder,
      env: { ...home.env, SLUICE_CLOUD: cloud.url, ...env },
    });
  return { home, cloud, publish, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

suite('sluice publish', () => {
  test('makes the file known: the cloud has its content policy', async () => {
    await using w = await world();
    const { code, stdout, stderr } = await w.publish(['--token-file', 'token']);
    assert.deepEqual([code, stderr], [0, '']);
    const id = /^ContentId {5}(DO-\S{44})\nHashOfHashes {2}\S{44}\n$/.exec(stdout)?.[1];
    assert.ok(id, stdout);
    const at = `${w.cloud.url}/content/${encodeURIComponent(id)}/contentpolicy`;
    const policy = await fetch(`${at}?altCatalogId=${encodeURIComponent(url)}`);
    assert.equal(policy.status, 200);
  });

  test('--content-id and --json; the token from the environment', async () => {
    await using w = await world();
    const { code, stdout } = await w.publish(['--content-id', 'mine', '--json'], {
      SLUICE_ADMIN_TOKEN: adminToken,
    });
    assert.equal(code, 0);
    const reply = JSON.parse(stdout);
    assert.deepEqual([reply.ContentId, reply.Created, reply.Urls], ['mine', true, [url]]);
    assert.equal(reply.ContentLength, 1.5 * 1024 ** 2);
  });

  test('the token of the cloud that runs here is found', async () => {
    await using w = await world();
    await mkdir(w.home.path('state/cloud'), { recursive: true });
    await writeFile(w.home.path('state/cloud/admin-token'), adminToken);
    const { code, stderr } = await w.publish([], { SLUICE_DATA_DIR: w.home.path('state') });
    assert.equal(code, 0, stderr);
  });

  test('a URL that moves to another content is told', async () => {
    await using w = await world();
    await w.publish(['--token-file', 'token']);
    await writeFile(w.home.path('f'), 'other');
    const { code, stderr } = await w.publish(['--token-file', 'token']);
    assert.equal(code, 0);
    assert.match(stderr, /^sluice: note: http:\/\/cdn\.example\.com\/f was that of DO-/);
  });

  test('a wrong token: 8', async () => {
    await using w = await world();
    const { code, stderr } = await w.publish([], { SLUICE_ADMIN_TOKEN: 'wrong-wrong-wrong-wrong' });
    assert.equal(code, 8);
    assert.match(stderr, /^sluice: the cloud refused: 401 .*token.*\n {2}.*--token-file/);
  });

  test('no cloud there: 8; not a cloud: 8', async () => {
    await using w = await world();
    const other = createServer((_, response) => response.writeHead(404).end('<html>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    assert.ok(address && typeof address === 'object');
    const at = `http://127.0.0.1:${address.port}`;
    const wrong = await w.publish(['--token-file', 'token', '--cloud', at]);
    await new Promise((resolve) => other.close(resolve));
    const none = await w.publish(['--token-file', 'token', '--cloud', at]);
    assert.equal(none.code, 8);
    assert.ok(none.stderr.includes(`${at} cannot be reached: connect ECONNREFUSED`), none.stderr);
    assert.equal(wrong.code, 8);
    assert.match(wrong.stderr, /the cloud refused: 404/);
  });

  test('no file: 6; no token file: 6; an empty one: 2', async () => {
    await using w = await world();
    const args = ['--url', url, '--cloud', w.cloud.url, '--token-file'];
    const noFile = await runCli(['publish', 'nope', ...args, w.home.path('token')]);
    assert.equal(noFile.code, 6);
    assert.match(noFile.stderr, /nope cannot be read/);
    assert.equal((await w.publish(['--token-file', 'nope'])).code, 6);
    await writeFile(w.home.path('empty'), '\n');
    const empty = await w.publish(['--token-file', 'empty']);
    assert.equal(empty.code, 2);
    assert.match(empty.stderr, /--token-file: no token in it/);
  });

  test('--url-base: a folder; again it is known; one that fails does not stop the rest', async () => {
    await using w = await world();
    await mkdir(w.home.path('d/sub'), { recursive: true });
    await writeFile(w.home.path('d/a b'), 'one');
    await writeFile(w.home.path('d/sub/c'), 'two');
    const base = ['publish', 'd', '--url-base', 'http://cdn.example.com/x/'];
    const many = (...args: string[]) =>
      runCli([...base, ...args], {
        cwd: w.home.folder,
        env: { ...w.home.env, SLUICE_CLOUD: w.cloud.url, SLUICE_ADMIN_TOKEN: adminToken },
      });
    const first = await many();
    assert.deepEqual([first.code, first.stderr], [0, '']);
    assert.match(first.stdout, /^d\/a b {2,}3 B {2}published {2}DO-\S{44}$/m);
    assert.match(first.stdout, /^2 published$/m);
    const again = await many('nope', '--json');
    assert.equal(again.code, 6);
    assert.match(again.stderr, /^sluice: nope: .*nope cannot be read/);
    const { Files } = JSON.parse(again.stdout);
    assert.deepEqual(
      Files.map((file: Record<string, string>) => [file.Url, file.Status]),
      [
        ['http://cdn.example.com/x/a%20b', 'Already'],
        ['http://cdn.example.com/x/sub/c', 'Already'],
        ['http://cdn.example.com/x/nope', 'Failed'],
      ],
    );
    const policy = `${w.cloud.url}/content//contentpolicy?altCatalogId=${encodeURIComponent(Files[1].Url)}`;
    assert.equal((await fetch(policy)).status, 200);
  });
});
