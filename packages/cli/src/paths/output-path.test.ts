import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { outputPath } from './output-path.ts';

const url = 'http://h/a/debian.iso?x=1';

suite('outputPath', () => {
  let folder: string;
  const at = (...parts: string[]) => path.join(folder, ...parts);

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-output-')));
    await mkdir(at('there'));
    await writeFile(at('file'), 'old');
    await symlink('file', at('link'));
    await symlink('/dev/null', at('device'));
  });
  after(() => rm(folder, { recursive: true }));

  test('without -o: the name of the URL in the current folder', async () => {
    assert.equal(await outputPath(url, undefined), path.resolve('debian.iso'));
  });

  test('a file, new or to be replaced', async () => {
    assert.equal(await outputPath(url, at('new')), at('new'));
    assert.equal(await outputPath(url, at('file')), at('file'));
  });

  test('a folder, with a slash or because it is one', async () => {
    assert.equal(await outputPath(url, at('there')), at('there/debian.iso'));
    assert.equal(await outputPath(url, `${at('there')}/`), at('there/debian.iso'));
    assert.equal(await outputPath(url, `${at('made/now')}/`), at('made/now/debian.iso'));
    assert.ok((await stat(at('made/now'))).isDirectory());
  });

  test('a symbolic link stays one: what it points to is replaced', async () => {
    assert.equal(await outputPath(url, at('link')), at('file'));
  });

  const refused: [
    what: string,
    output: () => string,
    code: 'InvalidArgument' | 'TargetUnwritable',
  ][] = [
    ['standard output', () => '-', 'InvalidArgument'],
    ['a device', () => at('device'), 'InvalidArgument'],
    ['a folder that is not there', () => at('no/file'), 'TargetUnwritable'],
    ['a file used as a folder', () => at('file/x'), 'TargetUnwritable'],
    ['a file used as a folder, with a slash', () => `${at('file')}/`, 'TargetUnwritable'],
  ];
  for (const [what, output, code] of refused) {
    test(`refuses ${what}`, async () => {
      await assert.rejects(outputPath(url, output()), (error) => isSluiceError(error, code));
    });
  }
});
