/** The command line of the lab: nothing here makes a namespace, so that it runs everywhere. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

function lab(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

for (const command of ['install', 'clean']) {
  test(`${command} --help tells what it does and does nothing; it takes no arguments`, () => {
    const help = lab(command, '--help');
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^npm run lab -- <scenario>/);
    const extra = lab(command, 'everything');
    assert.equal(extra.code, 2);
    assert.match(extra.stderr, /takes no arguments/);
  });
}

test('a fault that there is not is refused: a run without any would be a good one', () => {
  const { code, stderr } = lab('never-worse', '--only', 'nothing wrong,bogus');
  assert.equal(code, 2);
  assert.match(stderr, /--only: bogus is none of nothing wrong, /);
});

for (const scenario of ['together', 'staggered', 'never-worse', 'soak']) {
  test(`${scenario}: a level of the log that agents do not know is refused at once`, () => {
    const { code, stderr } = lab(scenario, '--log-level', 'bogus');
    assert.equal(code, 2);
    assert.match(stderr, /^lab: --log-level: bogus is none of silent, /);
  });
}
