import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Script } from 'node:vm';
import { compiledOf } from '../packages/cli/bin/code.js';
import { workspaceCopy } from './bundle.test-kit.ts';

type Copy = Awaited<ReturnType<typeof workspaceCopy>>;

const program = 'packages/cli/src/program-of.ts';

/** With which file of the bundle an entry begins. */
async function startOf(copy: Copy, entry: string): Promise<string> {
  const record = await readFile(copy.path(`packages/cli/dist/${entry}.json`), 'utf8');
  return JSON.parse(record).code ?? `${entry}.js`;
}

/** Has the bundle tell that it is what runs. */
async function mark(copy: Copy): Promise<void> {
  for (const entry of ['main', 'get', 'agent']) {
    const file = copy.path(`packages/cli/dist/${await startOf(copy, entry)}`);
    await writeFile(file, `console.error('bundled');\n${await readFile(file, 'utf8')}`);
  }
}

async function change(copy: Copy, file: string, from: string, to: string): Promise<void> {
  const text = await readFile(copy.path(file), 'utf8');
  assert.ok(text.includes(from), from);
  await writeFile(copy.path(file), text.replace(from, to));
}

test('runs the bundle while it is of these sources, else the sources', async (t) => {
  await using copy = await workspaceCopy();

  await t.test('no bundle', async () => {
    assert.equal(await copy.sluice('--version'), '0.1.0\n');
  });

  await t.test('a fresh one', async () => {
    await copy.build('--untrained');
    await mark(copy);
    assert.match(await copy.sluice('--version'), /^0\.1\.0\n/);
    assert.match(await copy.sluice('--help'), /^bundled$/m);
    assert.match(await copy.sluice('get', '--help'), /^bundled$/m);
    assert.match(await copy.sluice('agent', '--help'), /^bundled$/m);
  });

  await t.test('a download begins without the schema library', async () => {
    const loaded = new Set([await startOf(copy, 'get')]);
    for (const name of loaded) {
      const text = await readFile(copy.path(`packages/cli/dist/${name}`), 'utf8');
      assert.doesNotMatch(text, /"node_modules\/typebox\//, name);
      for (const [, other] of text.matchAll(/=require\("\.\/([^"]+)"\)/g)) loaded.add(other!);
    }
    assert.ok(loaded.size > 1);
  });

  await t.test('a source has changed since', async () => {
    await change(copy, program, 'Brings large files', 'Carries large files');
    const help = await copy.sluice('--help');
    assert.match(help, /Carries large files/);
    assert.doesNotMatch(help, /bundled/);
    assert.doesNotMatch(await copy.sluice('get', '--help'), /bundled/);
  });

  await t.test('built again', async () => {
    await copy.build('--untrained');
    await mark(copy);
    const help = await copy.sluice('--help');
    assert.match(help, /Carries large files/);
    assert.match(help, /bundled/);
  });

  await t.test('other packages were installed since', async () => {
    // The copy's list of them is a link: whatever replaces it has another time.
    await rm(copy.path('node_modules/.package-lock.json'));
    await writeFile(copy.path('node_modules/.package-lock.json'), '{}');
    assert.doesNotMatch(await copy.sluice('--help'), /bundled/);
  });

  await t.test('a source is gone, or only its time is another', async () => {
    await copy.build('--untrained');
    await mark(copy);
    assert.match(await copy.sluice('--help'), /bundled/);
    await utimes(copy.path(program), 1, 1);
    assert.doesNotMatch(await copy.sluice('--help'), /bundled/);
  });

  await t.test('a build that fails leaves no bundle', async () => {
    await change(copy, program, 'export function programOf', 'export function function');
    await assert.rejects(copy.build('--untrained'), /program-of\.ts/);
    assert.ok(!(await readdir(copy.path('packages/cli/dist'))).includes('main.json'));
  });
});

test('the bundle does all that the sources do', async () => {
  await using copy = await workspaceCopy();
  assert.doesNotMatch(await copy.build(), /trial run failed/);
  for (const entry of ['get', 'agent']) {
    const file = copy.path('packages/cli/dist', await startOf(copy, entry));
    const cachedData = await readFile(compiledOf(file));
    const script = new Script(await readFile(file, 'latin1'), { cachedData });
    assert.equal(script.cachedDataRejected, false, entry);
  }
  // Nothing but the bundle can run then.
  await rm(copy.path('packages/cli/src/main.ts'));
  const record = copy.path('packages/cli/dist/main.json');
  const bundle = JSON.parse(await readFile(record, 'utf8'));
  bundle.inputs['packages/cli/src/main.ts'] = [0, 0];
  await writeFile(record, JSON.stringify(bundle));

  const content = randomBytes(3 << 20);
  await writeFile(copy.path('content'), content);
  const created = await copy.sluice('phf', 'create', 'content', '-o', 'content.phf', '--json');
  const { HashOfHashes } = JSON.parse(created);
  const phf = await readFile(copy.path('content.phf'));
  const server = createServer((asked, answer) => answer.end(asked.url === '/p' ? phf : content));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  try {
    // With threads for hashing and for writing.
    const trust = ['--hash-of-hashes', HashOfHashes, '--phf', `${url}/p`];
    const flags = ['-o', 'out', '--data-dir', 'data', '--no-local-discovery', '--json'];
    const status = await copy.sluice('get', `${url}/c`, ...flags, ...trust);
    assert.equal(JSON.parse(status).State, 'Finalized');
    assert.deepEqual(await readFile(copy.path('out')), content);
    // Processes of its own, schemas, the database, fastify, undici.
    const demo = await copy.sluice('demo', '--devices', '2', '--size', '2MiB', '--json');
    assert.match(demo, /"State":"Finalized".*"Verified":true/);
  } finally {
    server.close();
  }
});
