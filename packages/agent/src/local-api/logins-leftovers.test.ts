import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { temporaryFolder } from '../store/store-fixture.ts';

const isRoot = process.getuid?.() === 0;
const [agent, user] = [12_301, 12_302];

test('what a user leaves among the logins does not keep the agent from its next start', {
  skip: !isRoot && 'only root can be several users',
}, async (t) => {
  const folder = await temporaryFolder(t);
  await chown(folder, agent, agent);
  await chmod(folder, 0o755);
  const login = `${folder}/login`;
  await mkdir(`${login}/mine`, { recursive: true });
  await writeFile(`${login}/mine/x`, '');
  await chmod(`${login}/mine`, 0o700);
  await chown(`${login}/mine`, user, user);
  await chown(login, agent, agent);
  const script = `
    const { Logins } = await import(${JSON.stringify(new URL('./logins.ts', import.meta.url).href)});
    const { mkdir } = await import('node:fs/promises');
    const { systemClock } = await import(${JSON.stringify(new URL('../clock/system-clock.ts', import.meta.url).href)});
    const logins = await Logins.open(${JSON.stringify(login)}, systemClock);
    const path = logins.challenge();
    await mkdir(path, { mode: 0o700 });
    console.log(logins.callerOf(await logins.answer(path)).name);
    await logins.close();`;
  const args = ['--input-type=module', '-e', script];
  const as = { uid: agent, gid: agent, env: { PATH: process.env.PATH }, encoding: 'utf8' } as const;
  assert.equal(execFileSync(process.execPath, args, as).trim(), `uid ${agent}`);
});
