import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { ExitCode } from '@sluice/protocol';
import { policyNames } from '@sluice/protocol/policy';
import type { Command } from 'commander';
import { buildProgram } from './program.ts';
import { runCli } from './run-cli.test-support.ts';

test('help names every command and every exit code', async () => {
  const { code, stdout, stderr } = await runCli(['--help']);
  assert.deepEqual([code, stderr], [0, '']);
  for (const name of [
    'get',
    'why',
    'status',
    'perfsnap',
    'cache',
    'log',
    'events',
    'doctor',
    'config',
    'policy',
    'publish',
    'phf',
    'agent',
    'cloud',
    'cache-node',
    'cloud-cache-node',
    'report',
    'demo',
    'simulate',
    'completion',
  ]) {
    assert.match(stdout, new RegExp(`^  ${name}\\b`, 'm'));
  }
  for (const exitCode of Object.values(ExitCode)) {
    assert.match(stdout, new RegExp(`^ +${exitCode}  \\w`, 'm'));
  }
  assert.equal(stdout, stripVTControlCharacters(stdout), 'no colours outside a terminal');
});

test('a command that needs a subcommand shows its help and ends with 2', async () => {
  for (const args of [[], ['phf'], ['config'], ['policy']]) {
    const { code, stdout, stderr } = await runCli(args);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^Usage: sluice/);
  }
});

test('every command has a description and examples, every flag and argument a description', () => {
  const leaves = (command: Command): Command[] =>
    command.commands.length > 0 ? command.commands.flatMap(leaves) : [command];
  for (const command of leaves(buildProgram())) {
    assert.ok(command.description(), command.name());
    for (const option of command.options) assert.ok(option.description, option.flags);
    for (const argument of command.registeredArguments) {
      assert.ok(argument.description, argument.name());
    }
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    assert.match(help, /^Examples:\n {2}\$ s/m, command.name());
  }
});

test('help of agent and get lists the settings with units, ranges and defaults', () => {
  for (const name of ['agent', 'get']) {
    const command = buildProgram().commands.find((c) => c.name() === name)!;
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    for (const setting of policyNames) assert.match(help, new RegExp(`\\b${setting}\\b`));
    assert.match(help, /^ {2}DOMinRAMAllowedToPeer \(GB, 0 to 100000, default 4\)$/m);
  }
});

test('the examples of the help are right', async () => {
  const { stdout } = await runCli(['get', '--help']);
  const lines = [...stdout.matchAll(/^ {2}\$ sluice (get .*)$/gm)].map((match) => match[1]!);
  assert.ok(lines.length >= 3);
  for (const line of lines) {
    const program = buildProgram();
    const get = program.commands.find((command) => command.name() === 'get')!;
    let ran = false;
    get.action(() => {
      ran = true;
    });
    program.parse(line.split(' '), { from: 'user' });
    assert.ok(ran, line);
  }
});
