import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './workspace/packages.ts';

const run = promisify(execFile);

/** A copy of the workspace that may be changed and built; other people's packages are linked. */
export async function workspaceCopy() {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-bundle-')));
  const at = (...parts: string[]) => path.join(folder, ...parts);
  for (const part of ['packages', 'scripts', 'package.json']) {
    const filter = (source: string) => !source.endsWith(path.join('cli', 'dist'));
    // With the times of the files the console is built already, if it was.
    const options = { recursive: true, preserveTimestamps: true, filter };
    await cp(path.join(root, part), at(part), options);
  }
  await mkdir(at('node_modules/@sluice'), { recursive: true });
  for (const name of await readdir(path.join(root, 'node_modules'))) {
    if (name === '@sluice' || name === '.cache') continue;
    await symlink(path.join(root, 'node_modules', name), at('node_modules', name));
  }
  for (const name of await readdir(at('packages'))) {
    await symlink(at('packages', name), at('node_modules/@sluice', name));
  }
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const node = async (...args: string[]) => {
    const options = { cwd: folder, env: { ...env, HOME: folder, XDG_CACHE_HOME: '' } };
    const { stdout, stderr } = await run(process.execPath, args, options);
    return `${stdout}${stderr}`;
  };
  return {
    path: at,
    /** @param args `--untrained`: without the trial run. */
    build: (...args: string[]) => node('scripts/build.ts', ...args),
    sluice: (...args: string[]) => node('packages/cli/bin/sluice.js', ...args),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
