/**
 * The large fleets of the simulator, one after the other: `npm run bench:simulate [-- name …]`.
 *
 * Says what each run came to, its limits, and the CPU seconds it took. Exit code 1 when a limit is missed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const all = ['data-centre-2600', 'many-branches-full', 'consumers-full'];
const names = process.argv.length > 2 ? process.argv.slice(2) : all;

for (const name of names) {
  const scenario = `packages/simulator/scenarios/full/${name}.json`;
  const args = [
    '--max-old-space-size=12000',
    // V8's own 16 MB are full long before what a step of a large fleet makes anew is garbage.
    '--max-semi-space-size=128',
    'packages/cli/bin/sluice.js',
    'simulate',
    scenario,
  ];
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) process.exitCode = 1;
}
