import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { buildProgram } from '@sluice/cli';
import { policyCatalogue } from '@sluice/protocol/policy';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const read = (path: string) => readFile(join(root, 'integrations', path), 'utf8');
const units = ['systemd/sluice-agent.service', 'systemd/sluice-do-compat.service'];
const services = [...units, 'launchd/io.sluice.agent.plist', 'windows/sluice-agent.xml'];

async function has(command: string): Promise<boolean> {
  return run(command, ['--version']).then(
    () => true,
    () => false,
  );
}

const program = buildProgram();
const agent = program.commands.find((command) => command.name() === 'agent')!;
const noSystemd = !(await has('systemd-analyze'));
const noPython = !(await has('python3'));

suite('files for service managers', () => {
  for (const path of services) {
    test(`${path} starts what there is, with flags that there are`, async () => {
      const text = (await read(path)).replaceAll('\\', '/');
      const scripts = text.match(/packages\/[\w/.-]+/g) ?? [];
      assert.deepEqual(scripts, ['packages/cli/bin/sluice.js']);
      assert.ok(existsSync(join(root, scripts[0]!)));
      assert.match(text, /node_modules\/node\/bin\/node/);
      const known = agent.options.map((option) => option.long);
      const flags = (text.match(/(?<=[\s">])--[a-z-]+(?=[\s"<])/g) ?? []).filter((f) => f !== '--');
      const compat = path.includes('do-compat') ? ['--do-compat'] : [];
      assert.deepEqual(flags, [...compat, '--data-dir']);
      assert.ok(flags.every((flag) => known.includes(flag)));
    });
  }

  for (const path of units) {
    test(`${path} passes systemd’s own check`, { skip: noSystemd }, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'sluice-unit-'));
      t.after(() => rm(folder, { recursive: true }));
      const unit = join(folder, path.slice('systemd/'.length));
      // The program and the user of an installation are not on this machine.
      const text = (await read(path))
        .replace('/opt/sluice/node_modules/node/bin/node', process.execPath)
        .replace(/^(User|Group)=.*\n/gm, '');
      await writeFile(unit, text);
      const { stdout, stderr } = await run('systemd-analyze', ['verify', unit]);
      assert.equal(stdout + stderr, '');
    });
  }

  test('the PowerShell module exports what it has, and names commands and settings that there are', async () => {
    const module = await read('powershell/Sluice.psm1');
    const manifest = await read('powershell/Sluice.psd1');
    const [, list = ''] = /FunctionsToExport = @\(([^)]*)\)/.exec(manifest) ?? [];
    const exported = list.match(/[\w-]+/g);
    const made = [...module.matchAll(/^function (\w+-D\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(made, exported);
    const settings = module.match(/\bDO(?!Config)[A-Z]\w+/g) ?? [];
    const named = new Set(settings.filter((name) => !made.some((m) => m?.endsWith(`-${name}`))));
    for (const name of named) assert.ok(Object.hasOwn(policyCatalogue, name), name);
    const known = program.commands.map((command) => command.name());
    const commands = [...module.matchAll(/@\('(\w+)'/g)].map(([, name]) => name!);
    for (const name of commands) assert.ok(known.includes(name), name);
  });

  test('the property list is one', { skip: noPython }, async () => {
    const script = 'import plistlib, sys; print(plistlib.load(open(sys.argv[1], "rb"))["Umask"])';
    const { stdout } = await run('python3', [
      '-c',
      script,
      join(root, 'integrations', 'launchd/io.sluice.agent.plist'),
    ]);
    assert.equal(Number(stdout), 0o027);
  });
});
