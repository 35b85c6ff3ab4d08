import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import type { DownloadWhy } from '@sluice/protocol';
import { startSource } from '../get/source-server.test-support.ts';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';

const mib = 1024 ** 2;
const bytes = randomBytes(8 * mib + 123);

/** A source with `/f`, an agent that runs at home, and commands run there too. */
async function world(...agentArgs: string[]) {
  const stack = new AsyncDisposableStack();
  const home = stack.use(await temporaryHome());
  const { source, url } = stack.use(await startSource({ '/f': bytes }));
  const options = { cwd: home.folder, env: home.env };
  const agent = stack.use(startCli(['agent', '--peer-port', '0', ...agentArgs], options));
  await agent.firstLine();
  return {
    home,
    source,
    url,
    options,
    run: (...args: string[]) => runCli(args, options),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Without what differs from run to run. */
function settled(text: string): string {
  return text
    .replace(/127\.0\.0\.1:\d+/g, 'HOST')
    .replace(/ +\d+\.\d{3} s {2}/g, 'AT ')
    .replace(/asked for .*: /g, 'asked: ')
    .replace(/of \d+ decisions/, 'of N decisions');
}

const simple = `http://HOST/f: 8.00 MiB, Finalized, mode Simple (no HashOfHashes: nothing to verify pieces with)

from     bytes  share  pieces  because
http  8.00 MiB  100 %       9  no peer had it

could be asked, and brought
  http: 9 of 9 pieces asked for, 8.00 MiB

not used, and what would change that
  peers: Cloud: none is set; needed is a cloud to find peers with
    Give one with --cloud or SLUICE_CLOUD.
  cache: DOCacheHost: none is known; needed is a cache host
    Give one with --cache-host or SLUICE_CACHE_HOST.
  peers: HashOfHashes: nobody gave one; needed is one that the cloud or the request gives
    Publish the content with \`sluice publish\`, or give --hash-of-hashes.

the last of N decisions
AT http is there
AT http asked: no peer had it
`;

/** Files below 50 MB are not shared by default. */
const smallFiles = ['--set', 'DOMinFileSizeToCache=0'];

suite('sluice why', () => {
  test('tells the same by URL, FileId and Id', async () => {
    await using w = await world();
    const got = await w.run('get', w.url('/f'), '--json');
    const { Id, FileId } = JSON.parse(got.stdout);
    for (const name of [w.url('/f'), `${w.url('/f')}#x`, FileId, Id]) {
      const { code, stdout, stderr } = await w.run('why', name);
      assert.deepEqual([code, stderr], [0, '']);
      assert.equal(settled(stdout), simple);
    }
    const json = await w.run('why', Id, '--json', '--decisions', '1');
    const why = JSON.parse(json.stdout) as DownloadWhy;
    assert.deepEqual([why.Id, why.Decisions.length], [Id, 1]);
    assert.equal(
      why.Bytes.reduce((n, b) => n + b.Bytes, 0),
      bytes.length,
    );
  });

  test('of several downloads of a URL tells the newest; of a running one what is known', async () => {
    await using w = await world();
    await w.run('get', w.url('/f'), '--quiet');
    w.source.limit = w.source.sent + 2 * mib;
    await using running = startCli(['get', w.url('/f'), '-o', 'g', '--quiet'], w.options);
    await w.source.limitReached;
    const { stdout } = await w.run('why', w.url('/f'));
    assert.match(stdout, /: 8\.00 MiB, Transferring, mode Simple/);
    assert.equal((await running.stop('SIGINT')).code, 130);
  });

  test('what the agent does not know: 2; no agent: 8', async () => {
    await using w = await world();
    const unknown = await w.run('why', 'http://127.0.0.1:1/nothing', '--json');
    assert.equal(unknown.code, 2);
    assert.equal(JSON.parse(unknown.stdout).Error.Code, 'DownloadUnknown');
    const none = await w.run('why', 'x', '--data-dir', w.home.path('nowhere'));
    assert.equal(none.code, 8);
    assert.match(none.stderr, /^sluice: no agent runs in .*nowhere\n {2}Start it/);
  });

  test('after a restart of the agent the bytes are there, the decisions are not', async () => {
    await using home = await temporaryHome();
    await using server = await startSource({ '/f': bytes });
    const { source, url } = server;
    await using cloud = startCli(['cloud', '--listen', '127.0.0.1:0', '--json'], { env: home.env });
    const { Url } = JSON.parse(await cloud.firstLine());
    const options = { cwd: home.folder, env: { ...home.env, SLUICE_CLOUD: Url } };
    await writeFile(home.path('content'), bytes);
    await runCli(['publish', 'content', '--url', url('/f')], options);
    {
      await using agent = startCli(['agent', '--peer-port', '0', ...smallFiles], options);
      await agent.firstLine();
      const { code, stdout, stderr } = await runCli(['get', url('/f'), '--explain'], options);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /, verified\n {2}from http[\s\S]*mode Lan \(as set\)[\s\S]*NoPeers: /);
      await agent.stop('SIGTERM');
    }
    const { sent } = source;
    await using again = startCli(['agent', '--peer-port', '0', ...smallFiles], options);
    await again.firstLine();
    const { code, stdout } = await runCli(['why', url('/f')], options);
    assert.equal(code, 0);
    assert.match(stdout, /\n\n(8\.00 MiB were on the disk before this run\n)?nothing was fetched/);
    assert.equal(source.sent, sent);
  });
});

suite('sluice get --explain', () => {
  test('without an agent, too; with --json as a second object', async () => {
    await using home = await temporaryHome();
    await using server = await startSource({ '/f': bytes });
    const options = { cwd: home.folder, env: home.env };
    const plain = await runCli(['get', server.url('/f'), '--explain'], options);
    assert.equal(plain.code, 0, plain.stderr);
    assert.equal(settled(plain.stdout).split('\n').slice(2).join('\n'), simple);
    const json = await runCli(['get', server.url('/f'), '--explain', '--json'], options);
    const [status, why] = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([status.State, why.Id], ['Finalized', status.Id]);
    assert.ok(why.Decisions.length > 0);
  });

  test('a download that fails is explained, and fails', async () => {
    await using home = await temporaryHome();
    const options = { cwd: home.folder, env: home.env };
    const { code, stdout, stderr } = await runCli(
      ['get', 'http://127.0.0.1:1/f', '--explain'],
      options,
    );
    assert.equal(code, 3);
    assert.match(stderr, /the connection was refused/);
    assert.match(stdout, /: Failed, mode Simple .*\nhttp:.*refused\n\nnothing was fetched/);
  });
});
