import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { policyCatalogue } from '@sluice/protocol/policy';
import { buildProgram } from '../program.ts';
import { runCli, temporaryHome } from '../run-cli.test-support.ts';
import { commandTree, flatten } from './command-tree.ts';
import { completionScripts, type Shell } from './scripts.ts';

const tree = commandTree(buildProgram(), Object.keys(policyCatalogue));
const run = promisify(execFile);

function skipWithout(program: string): string | false {
  return spawnSync(program, ['--version']).status === 0 ? false : `no ${program} here`;
}

for (const shell of Object.keys(completionScripts) as Shell[]) {
  test(`the script for ${shell} is printed, and has every command and every flag`, async () => {
    const { code, stdout } = await runCli(['completion', shell]);
    assert.equal(code, 0);
    assert.equal(stdout, `${completionScripts[shell](tree).trimEnd()}\n`);
    for (const node of flatten(tree)) {
      assert.ok(stdout.includes(node.name), node.path);
      for (const name of node.options.flatMap((option) => option.names)) {
        assert.ok(stdout.includes(shell === 'fish' ? name.replace(/^-+/, '') : name), name);
      }
    }
  });
}

/** What is typed, and what must be offered. */
const typed: [words: string[], offered: string[]][] = [
  [['g'], ['get']],
  [
    ['phf', ''],
    ['create', 'show', 'verify'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish', 'powershell'],
  ],
  [['get', '--cac'], ['--cache-host']],
  [
    ['get', '--mode', ''],
    ['0', '1', '2', '3', '99'],
  ],
  [['get', '-o', 'phf', '--js'], ['--json']],
  [['--log-level', 'debug', 'phf', 'sh'], ['show']],
  [['phf', 'create', '--pi'], ['--piece-size']],
  [['agent', '--data-dir', '/pro'], ['/proc']],
  [['get', ''], []],
  [['config', 'get', 'DOMaxCacheA'], ['DOMaxCacheAge']],
  [['config', 'reset', 'DOMaxCacheA'], ['DOMaxCacheAge']],
  [['config', 'set', 'DOMaxCacheA'], ['DOMaxCacheAge=']],
  [['agent', '--set', 'DOMaxCacheA'], ['DOMaxCacheAge=']],
  [['cloud-settings', 'DOMaxCacheA'], ['DOMaxCacheAge=']],
];

suite('bash', { skip: skipWithout('bash') }, () => {
  for (const [words, offered] of typed) {
    test(`sluice ${words.join(' ')}`, async () => {
      await using home = await temporaryHome();
      await writeFile(home.path('c'), completionScripts.bash(tree));
      const script = [
        'source "$0"; COMP_WORDS=(sluice "$@"); COMP_CWORD=$#; _sluice',
        `printf '%s\\n' "\${COMPREPLY[@]}"`,
      ].join('; ');
      const { stdout } = await run('bash', ['--norc', '-c', script, home.path('c'), ...words]);
      assert.deepEqual(stdout.split('\n').filter(Boolean), offered);
    });
  }
});

suite('fish', { skip: skipWithout('fish') }, () => {
  for (const [words, offered] of typed.filter(([, some]) => some[0] !== '/proc')) {
    test(`sluice ${words.join(' ')}`, async () => {
      await using home = await temporaryHome();
      await writeFile(home.path('c'), completionScripts.fish(tree));
      const script = 'source $argv[1]; complete -C "sluice $argv[2]"';
      const args = ['--no-config', '-c', script, home.path('c'), words.join(' ')];
      const { stdout } = await run('fish', args, { cwd: home.folder });
      const names = stdout.split('\n').map((line) => line.split('\t')[0]!);
      assert.deepEqual(names.filter((name) => name && name !== 'c').sort(), [...offered].sort());
    });
  }
});

test('zsh reads its script', { skip: skipWithout('zsh') }, async () => {
  await using home = await temporaryHome();
  await writeFile(home.path('c'), completionScripts.zsh(tree));
  await run('zsh', ['-n', home.path('c')]);
});
