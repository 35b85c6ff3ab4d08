/**
 * `npm test`: every test of the workspace, those of packages in groups, or those under the given files and folders, a
 * process each, with the runner of the pinned Node.
 *
 *     npm test
 *     npm test -- packages/cli test/imports.test.ts
 *     npm test -- --test-name-pattern 'piece map' packages/protocol
 *     npm test -- --times          the CPU time of each process and of its dearest tests (Linux)
 */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { testGroups } from './test-groups.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const places = args.filter((arg, i) => !isFlag(arg) && !takesValue(args[i - 1]));
const flags = args.filter((arg) => !places.includes(arg) && arg !== '--times');

/** Test files at once: one more than there are cores, since many wait rather than work. */
const concurrency = availableParallelism() + 1;

/** They wait for a link and a browser, for a minute. */
const waiting = ['lab/lab.test.ts', 'test/console/console.test.ts'];

/** Most of a test file's start is the compiling of what it imports: it is kept, as for the commands it runs. */
const compileCache = path.join(root, 'node_modules', '.cache', 'sluice');

const child = spawn(
  path.join(
    root,
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  ),
  [
    '--test',
    `--test-concurrency=${concurrency}`,
    // A test that hangs says which one it was, long before CI gives up.
    '--test-timeout=180000',
    `--import=${new URL('end-hung-file.ts', import.meta.url)}`,
    ...(args.includes('--times') ? [`--import=${new URL('cpu-times.ts', import.meta.url)}`] : []),
    '--test-reporter=spec',
    ...flags,
    // First what mostly waits, beside which others work; last what keeps all cores busy by itself.
    ...(places.length > 0
      ? places.map(patternOf)
      : [...waiting, ...testGroups(root), 'test/**/*.test.ts']),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  },
);
child.on('error', (error) => {
  console.error(
    `${error.message}\nRun \`npm ci\` first: it installs the Node.js that the tests need.`,
  );
  process.exit(1);
});
child.on('exit', (code) => process.exit(code ?? 1));
// Ctrl-C reaches the runner from the terminal; it prints what it has and ends.
process.on('SIGINT', () => {});

function patternOf(place: string): string {
  const resolved = path.resolve(process.env.INIT_CWD ?? root, place);
  const isFolder = statSync(resolved, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? `${resolved}/**/*.test.ts` : resolved;
}

function isFlag(arg: string): boolean {
  return arg.startsWith('-');
}

function takesValue(arg: string | undefined): boolean {
  return arg === '--test-name-pattern' || arg === '--test-skip-pattern';
}
