/** Programs that fleets fetch with, through the node as it is found: by URL, by proxy, in parallel, resumed. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import {
  assertBytes,
  MiB,
  randomBytesOf,
  sourceAndNode,
  temporaryFolder,
} from './testing/harness.ts';

const run = promisify(execFile);

/** The tests are skipped where the program is not installed. */
function without(program: string): string | false {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`]);
    return false;
  } catch {
    return `${program} is not installed`;
  }
}

async function setUp(t: TestContext) {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(9 * MiB + 77);
  source.put('/file', { bytes, headers: { etag: '"1"', 'cache-control': 'max-age=600' } });
  const folder = await temporaryFolder(t);
  const url = `${node.url}/file?cacheHostOrigin=${source.host}`;
  return { source, node, bytes, folder, url, target: join(folder, 'out') };
}

test('curl: all, a range, a resumed download, a condition', {
  skip: without('curl'),
}, async (t) => {
  const { source, bytes, url, target, folder } = await setUp(t);
  await run('curl', ['-sSf', '-o', target, url]);
  assertBytes(await readFile(target), bytes);
  await run('curl', ['-sSf', '-r', '1000-1999', '-o', target, url]);
  assertBytes(await readFile(target), bytes.subarray(1000, 2000));
  await run('curl', ['-sSf', '-C', '-', '-o', target, url]);
  assert.equal((await readFile(target)).length, bytes.length);
  const etag = join(folder, 'etag');
  await writeFile(etag, '"1"\n');
  const { stdout } = await run('curl', ['-sS', '-w', '%{http_code}', '--etag-compare', etag, url]);
  assert.equal(stdout, '304');
  const proxied = [
    '-sSf',
    '--noproxy',
    '',
    '-x',
    url.split('/file')[0]!,
    `http://${source.host}/file`,
  ];
  await run('curl', [...proxied, '-o', target]);
  assertBytes(await readFile(target), bytes);
  assert.equal(source.sent, bytes.length);
});

test('wget: by URL, and resumed', { skip: without('wget') }, async (t) => {
  const { source, bytes, url, target } = await setUp(t);
  await run('wget', ['-q', '-O', target, url]);
  assertBytes(await readFile(target), bytes);
  await truncate(target, 3_000_000);
  await run('wget', ['-q', '-c', '-O', target, url]);
  assertBytes(await readFile(target), bytes);
  assert.equal(source.sent, bytes.length);
});

test('aria2c: in many parts at once', { skip: without('aria2c') }, async (t) => {
  const { source, bytes, url, folder, target } = await setUp(t);
  await run('aria2c', ['-q', '-x8', '-s8', '-k1M', '-d', folder, '-o', 'out', url]);
  assertBytes(await readFile(target), bytes);
  assert.ok(source.sent <= bytes.length + 2 * MiB, `${source.sent} bytes left the source`);
});

test('apt: an index and a package, through the node as proxy', {
  skip: without('apt-get'),
}, async (t) => {
  const { source, node, folder } = await setUp(t);
  const deb = randomBytesOf(200_000);
  const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
  const packages = `Package: thing\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.com>\nFilename: ./thing.deb\nSize: ${deb.length}\nSHA256: ${sha256(deb)}\nDescription: x\n\n`;
  const zipped = gzipSync(packages);
  const release = `Date: ${new Date().toUTCString()}\nSHA256:\n ${sha256(Buffer.from(packages))} ${packages.length} Packages\n ${sha256(zipped)} ${zipped.length} Packages.gz\n`;
  const files = { Release: release, 'Packages.gz': zipped, Packages: packages, 'thing.deb': deb };
  for (const [name, content] of Object.entries(files)) {
    source.put(`/repo/./${name}`, { bytes: Buffer.from(content) });
  }
  for (const path of ['lists/partial', 'archives/partial', 'etc']) {
    await mkdir(join(folder, path), { recursive: true });
  }
  const list = join(folder, 'etc', 'sources.list');
  await writeFile(list, `deb [trusted=yes] http://${source.host}/repo ./\n`);
  await writeFile(join(folder, 'status'), '');
  const options = {
    'Dir::Etc::SourceList': list,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': folder,
    'Dir::Cache::archives': join(folder, 'archives'),
    'Acquire::http::Proxy': node.url,
    'Acquire::AllowInsecureRepositories': 'true',
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': 'true',
  };
  const args = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run('apt-get', [...args, 'update']);
  const cwd = join(folder, 'archives');
  await run('apt-get', [...args, 'download', 'thing'], { cwd });
  assertBytes(await readFile(join(cwd, 'thing_1_all.deb')), deb);
});
