import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, symlink, truncate, watch, writeFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { formatPiecesHashFile, PiecesHasher } from '@sluice/protocol';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';

const mib = 1024 ** 2;

/** Of the empty file in pieces of 1 MiB, by wire.md §1 with printf and openssl. */
const emptyHashOfHashes = '6UPKkvt/ctOKnSEXdKmYO8Fjukvt56j5y7rylSVNdfg=';

/** A folder with a file `f` of 2.5 MiB and its PHF. */
async function folderWithPhf() {
  const home = await temporaryHome();
  const bytes = randomBytes(2.5 * mib);
  const hasher = new PiecesHasher();
  hasher.update(bytes);
  const phf = hasher.finish();
  await writeFile(home.path('f'), bytes);
  await writeFile(home.path('f.phf'), formatPiecesHashFile(phf));
  const options = { cwd: home.folder, env: home.env };
  return {
    ...home,
    bytes,
    phf,
    run: (...args: string[]) => runCli(['phf', ...args], options),
    start: (...args: string[]) => startCli(['phf', ...args], options),
  };
}

suite('phf create', () => {
  test('has the HashOfHashes of the reference', async () => {
    await using home = await folderWithPhf();
    await writeFile(home.path('empty'), '');
    const { stdout } = await home.run('create', 'empty', '--json');
    assert.deepEqual(JSON.parse(stdout), {
      Output: home.path('empty.phf'),
      HashOfHashes: emptyHashOfHashes,
      ContentId: `DO-${emptyHashOfHashes.replaceAll('/', '-')}`,
      ContentLength: 0,
      PieceSize: mib,
      Pieces: 0,
    });
  });

  test('prints HashOfHashes and ContentId, writes the PHF, leaves no other file', async () => {
    await using home = await folderWithPhf();
    const { code, stdout, stderr } = await home.run('create', 'f', '-o', 'new.phf');
    const { hashOfHashes } = home.phf;
    const id = `DO-${hashOfHashes.replaceAll('/', '-')}`;
    assert.deepEqual(
      [code, stdout, stderr],
      [0, `HashOfHashes  ${hashOfHashes}\nContentId     ${id}\n`, ''],
    );
    assert.deepEqual(await readFile(home.path('new.phf')), await readFile(home.path('f.phf')));
    assert.deepEqual((await readdir(home.folder)).sort(), ['f', 'f.phf', 'new.phf']);
  });

  test('-o - writes the same PHF to standard output', async () => {
    await using home = await folderWithPhf();
    const { code, stdout, stderr } = await home.run('create', 'f', '-o', '-');
    assert.equal(code, 0);
    assert.equal(stdout.trimEnd(), (await readFile(home.path('f.phf'), 'utf8')).trimEnd());
    assert.match(stderr, /^HashOfHashes {2}/);
    const both = await home.run('create', 'f', '-o', '-', '--json');
    assert.equal(both.code, 2);
    assert.match(both.stderr, /--json: not together with -o -/);
  });

  test('--piece-size', async () => {
    await using home = await folderWithPhf();
    const { stdout } = await home.run('create', 'f', '--piece-size', '64KiB', '--json');
    const { PieceSize, Pieces } = JSON.parse(stdout);
    assert.deepEqual([PieceSize, Pieces], [65_536, 40]);
  });

  test('writes the file behind a symbolic link', async () => {
    await using home = await folderWithPhf();
    await writeFile(home.path('real.phf'), 'old');
    await symlink('real.phf', home.path('link.phf'));
    assert.equal((await home.run('create', 'f', '-o', 'link.phf')).code, 0);
    assert.match(await readFile(home.path('real.phf'), 'utf8'), /^\{"MajorVersion":1,/);
  });

  test('Ctrl-C ends it with 130 and leaves nothing', async () => {
    await using home = await folderWithPhf();
    await writeFile(home.path('big'), '');
    await truncate(home.path('big'), 64 * 1024 ** 3);
    await using running = home.start('create', 'big');
    // The temporary file shows that it is at work.
    for await (const { filename } of watch(home.folder)) {
      if (filename?.startsWith('.big.phf')) break;
    }
    const { code, stderr } = await running.stop('SIGINT');
    assert.equal(code, 130);
    assert.match(stderr, /^sluice: cancelled\n/);
    assert.deepEqual((await readdir(home.folder)).sort(), ['big', 'f', 'f.phf']);
  });

  test('bad places: each its class, and what was there stays', async () => {
    await using home = await folderWithPhf();
    const cases: [args: string[], code: number, message: RegExp][] = [
      [['nope'], 6, /nope cannot be read/],
      [['.'], 6, /cannot be read: not a regular file/],
      [['f', '-o', 'no/such/folder'], 6, /target .*no\/such\/folder cannot be written/],
      [['f', '-o', 'f'], 2, /-o: f is the file to hash/],
      [['f', '-o', '.'], 2, /-o: .* is a folder/],
    ];
    for (const [args, code, message] of cases) {
      const ran = await home.run('create', ...args);
      assert.equal(ran.code, code, ran.stderr);
      assert.match(ran.stderr, message);
    }
    assert.deepEqual(await readFile(home.path('f')), home.bytes);
    assert.deepEqual((await readdir(home.folder)).sort(), ['f', 'f.phf']);
  });
});

suite('phf show', () => {
  test('a right one: 0', async () => {
    await using home = await folderWithPhf();
    const { code, stdout } = await home.run('show', 'f.phf');
    assert.equal(code, 0);
    assert.match(stdout, /^ContentLength {2}2621440 \(2\.50 MiB\)$/m);
    assert.match(stdout, /^Pieces +3$/m);
    assert.match(stdout, /^HashOfHashes +\S{44} \(right\)$/m);
  });

  test('a wrong HashOfHashes: 1, and the right one is shown', async () => {
    await using home = await folderWithPhf();
    const text = await readFile(home.path('f.phf'), 'utf8');
    const { HashOfHashes } = JSON.parse(text);
    const wrong = Buffer.alloc(32).toString('base64');
    await writeFile(home.path('w.phf'), text.replace(HashOfHashes, wrong));
    const { code, stdout, stderr } = await home.run('show', 'w.phf');
    assert.deepEqual([code, stderr], [1, '']);
    assert.ok(stdout.includes(`${wrong} (WRONG, it is ${HashOfHashes})`), stdout);
    const json = await home.run('show', 'w.phf', '--json');
    assert.equal(json.code, 1);
    const fields = JSON.parse(json.stdout);
    assert.equal(fields.HashOfHashesIsRight, false);
    assert.equal(fields.ComputedHashOfHashes, HashOfHashes);
  });

  test('no PHF at all: 5; no file: 6', async () => {
    await using home = await folderWithPhf();
    assert.equal((await home.run('show', 'f')).code, 5);
    assert.equal((await home.run('show', 'nope')).code, 6);
  });
});

suite('phf verify', () => {
  test('the same bytes: 0', async () => {
    await using home = await folderWithPhf();
    const { code, stdout } = await home.run('verify', 'f', 'f.phf');
    assert.deepEqual([code, stdout], [0, 'f: all pieces are right\n']);
    assert.deepEqual(await home.run('verify', 'f', 'f.phf', '--quiet'), {
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
    });
  });

  test('other bytes: 5, and the ranges', async () => {
    await using home = await folderWithPhf();
    const bytes = Buffer.from(home.bytes);
    bytes[mib]! ^= 1;
    bytes[2.5 * mib - 1]! ^= 1;
    await writeFile(home.path('g'), bytes);
    const { code, stdout } = await home.run('verify', 'g', 'f.phf');
    assert.deepEqual([code, stdout], [5, 'g: pieces 1-2 are bad (bytes 1048576-2621439)\n']);
    const json = JSON.parse((await home.run('verify', 'g', 'f.phf', '--json')).stdout);
    assert.deepEqual(json, {
      Ok: false,
      ContentLength: 2_621_440,
      FileLength: 2_621_440,
      BadPieces: [1, 2],
      BadRanges: [{ Start: 1_048_576, End: 2_621_440 }],
    });
  });

  test('shorter and longer files: 5, and the lengths', async () => {
    await using home = await folderWithPhf();
    await writeFile(home.path('short'), home.bytes.subarray(0, mib));
    await writeFile(home.path('long'), Buffer.concat([home.bytes, Buffer.from('x')]));
    const short = await home.run('verify', 'short', 'f.phf');
    assert.equal(short.code, 5);
    assert.match(short.stdout, /^short: 1048576 bytes long, should be 2621440\nshort: pieces 1-2 /);
    const long = await home.run('verify', 'long', 'f.phf');
    assert.deepEqual(
      [long.code, long.stdout],
      [5, 'long: 2621441 bytes long, should be 2621440\n'],
    );
  });

  test('a PHF that does not agree with itself or with --hash-of-hashes: 5', async () => {
    await using home = await folderWithPhf();
    const other = Buffer.alloc(32).toString('base64');
    const { code, stderr } = await home.run('verify', 'f', 'f.phf', '--hash-of-hashes', other);
    assert.equal(code, 5);
    assert.match(stderr, /trusted is A{43}=/);
    const text = await readFile(home.path('f.phf'), 'utf8');
    await writeFile(home.path('w.phf'), text.replace(JSON.parse(text).HashOfHashes, other));
    assert.equal((await home.run('verify', 'f', 'w.phf')).code, 5);
  });

  test('a file that is not there: 6', async () => {
    await using home = await folderWithPhf();
    assert.equal((await home.run('verify', 'nope', 'f.phf')).code, 6);
  });
});
