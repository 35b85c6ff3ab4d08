import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { formatPiecesHashFile, PiecesHasher } from '@sluice/protocol';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';
import { startSource } from './source-server.test-support.ts';

const mib = 1024 ** 2;
const bytes = randomBytes(8 * mib + 123);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const hasher = new PiecesHasher();
hasher.update(bytes);
const phf = hasher.finish();

/** A source with `/f` and its PHF, and an empty folder to download into. */
async function world() {
  const stack = new AsyncDisposableStack();
  const home = stack.use(await temporaryHome());
  const phfText = Buffer.from(formatPiecesHashFile(phf));
  const { source, url } = stack.use(await startSource({ '/f': bytes, '/f.phf': phfText }));
  const options = { cwd: home.folder, env: home.env };
  return {
    home,
    source,
    url,
    options,
    get: (...args: string[]) => runCli(['get', ...args], options),
    files: async () => (await readdir(home.folder)).sort(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

suite('sluice get, by itself', () => {
  test('gives the file the name from the URL, says where from, leaves nothing else', async () => {
    await using w = await world();
    const { code, stdout, stderr } = await w.get(w.url('/f?x=../y'));
    assert.equal(code, 4, 'the query belongs to the URL');
    const ran = await w.get(w.url('/f'));
    assert.deepEqual([ran.code, code, stdout], [0, 4, ''], stderr);
    assert.match(
      ran.stdout,
      /^\/.*\/f: 8\.00 MiB in .*, not verified.*\n {2}from http 8\.00 MiB\n$/,
    );
    assert.deepEqual(await w.files(), ['f']);
    assert.deepEqual(await readFile(w.home.path('f')), bytes);
  });

  test('--json prints the status of the download', async () => {
    await using w = await world();
    const { code, stdout, stderr } = await w.get(w.url('/f'), '-o', 'out/', '--json');
    assert.deepEqual([code, stderr], [0, '']);
    const status = JSON.parse(stdout);
    assert.equal(status.State, 'Finalized');
    assert.equal(status.FileSize, bytes.length);
    assert.equal(status.BytesFromHttp, bytes.length);
    assert.equal(status.Output, w.home.path('out/f'));
    assert.deepEqual(await readFile(w.home.path('out/f')), bytes);
  });

  test('--quiet prints nothing; a file that is there is replaced', async () => {
    await using w = await world();
    await writeFile(w.home.path('g'), 'old');
    const { code, stdout, stderr } = await w.get(w.url('/f'), '-o', 'g', '--quiet');
    assert.deepEqual([code, stdout, stderr], [0, '', '']);
    assert.deepEqual(await readFile(w.home.path('g')), bytes);
  });

  test('verifies against a hash list', async () => {
    await using w = await world();
    const phfFlags = ['--phf', w.url('/f.phf'), '--hash-of-hashes', phf.hashOfHashes];
    // Tests have no business on the network around.
    const trusted = [...phfFlags, '--no-local-discovery'];
    const { code, stdout } = await w.get(w.url('/f'), ...trusted, '--json');
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).Verified, true);
  });

  test('--sha256: right, and wrong (5, and no file)', async () => {
    await using w = await world();
    const right = await w.get(w.url('/f'), '--sha256', sha256.toUpperCase(), '-o', 'right');
    assert.equal(right.code, 0, right.stderr);
    assert.match(right.stdout, /, verified\n/);
    const wrong = await w.get(w.url('/f'), '--sha256', '0'.repeat(64), '-o', 'wrong');
    assert.equal(wrong.code, 5);
    assert.match(wrong.stderr, /^sluice: [^\n]+\n {2}\S[^\n]+\n$/);
    assert.ok(!(await w.files()).includes('wrong'));
  });

  test('what is not there: 4, what cannot be reached: 3; what was there before stays', async () => {
    await using w = await world();
    await writeFile(w.home.path('old'), 'old');
    const missing = await w.get(w.url('/nope'), '-o', 'old');
    assert.equal(missing.code, 4, missing.stderr);
    assert.match(missing.stderr, /^sluice: [^\n]*404[^\n]*\n {2}\S/);
    const unreachable = await w.get('http://127.0.0.1:1/f', '-o', 'old', '--json');
    assert.equal(unreachable.code, 3);
    assert.equal(JSON.parse(unreachable.stdout).Error.ExitCode, 3);
    assert.equal(await readFile(w.home.path('old'), 'utf8'), 'old');
    assert.deepEqual(await w.files(), ['old']);
  });

  test('Ctrl-C ends with 130; the same command goes on where it stopped', async () => {
    await using w = await world();
    w.source.limit = 5 * mib;
    const args = ['get', w.url('/f'), '--json', '--log-level', 'silent'];
    await using running = startCli(args, w.options);
    await w.source.limitReached;
    const { code, stderr } = await running.stop('SIGINT');
    assert.equal(code, 130);
    assert.match(stderr, /same command again/);
    assert.deepEqual(await w.files(), ['.sluice-partial']);
    w.source.limit = Number.POSITIVE_INFINITY;
    const again = await w.get(w.url('/f'), '--json');
    assert.equal(again.code, 0, again.stderr);
    assert.ok(JSON.parse(again.stdout).ResumedBytes > 0);
    assert.deepEqual(await w.files(), ['f']);
    assert.deepEqual(await readFile(w.home.path('f')), bytes);
  });

  test('two downloads into one folder at once', async () => {
    await using w = await world();
    const both = await Promise.all(['a', 'b'].map((name) => w.get(w.url('/f'), '-o', name)));
    for (const { code, stderr } of both) assert.equal(code, 0, stderr);
    assert.deepEqual(await w.files(), ['a', 'b']);
  });

  test('--seed-for serves on until Ctrl-C, then ends with 0', async () => {
    await using w = await world();
    await using seeding = startCli(
      ['get', w.url('/f'), '--seed-for', '600', '--json', '--peer-port', '0'],
      w.options,
    );
    assert.equal(JSON.parse(await seeding.firstLine()).State, 'Finalized');
    assert.deepEqual(await readFile(w.home.path('f')), bytes);
    const { code, lines } = await seeding.stop('SIGINT');
    assert.equal(code, 0);
    assert.deepEqual(
      lines.slice(1).map((line) => JSON.parse(line)),
      [{ BytesToPeers: 0 }],
    );
    assert.deepEqual(await w.files(), ['f']);
  });
});

suite('sluice get, through the running agent', () => {
  test('the agent downloads, the command shows it', async () => {
    await using w = await world();
    await using agent = startCli(['agent', '--peer-port', '0'], w.options);
    await agent.firstLine();
    const { code, stdout, stderr } = await w.get(w.url('/f'), '--json');
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).State, 'Finalized');
    assert.deepEqual(await readFile(w.home.path('f')), bytes);
    assert.ok(!(await w.files()).includes('.sluice-partial'));
    const noted = await w.get(w.url('/f'), '-o', 'g', '--seed-for', '5');
    assert.equal(noted.code, 0);
    assert.match(noted.stderr, /^sluice: note: the running agent does it; .*--seed-for/);
    const missing = await w.get(w.url('/nope'));
    assert.equal(missing.code, 4, missing.stderr);
    assert.equal((await agent.stop('SIGTERM')).code, 0);
  });

  test('Ctrl-C stops the agent’s download too; the same command goes on', async () => {
    await using w = await world();
    await using agent = startCli(['agent', '--peer-port', '0'], w.options);
    await agent.firstLine();
    w.source.limit = 5 * mib;
    await using running = startCli(['get', w.url('/f'), '--json'], w.options);
    await w.source.limitReached;
    assert.equal((await running.stop('SIGINT')).code, 130);
    w.source.limit = Number.POSITIVE_INFINITY;
    const again = await w.get(w.url('/f'), '--json');
    assert.equal(again.code, 0, again.stderr);
    assert.ok(JSON.parse(again.stdout).ResumedBytes > 0);
  });
});
