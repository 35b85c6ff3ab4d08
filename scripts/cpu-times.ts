/**
 * Loaded into each test process by `npm test -- --times`: says at its end how many CPU seconds it and the processes
 * that it ran took, and which of its tests most of them.
 */
import { readFileSync } from 'node:fs';
import { afterEach } from 'node:test';
import { isMainThread } from 'node:worker_threads';

const shown = { tests: 10, fromSeconds: 0.3 };

/** CPU seconds of this process and of all children that it waited for; Linux counts these in hundredths. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const [ofUser, ofSystem] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(14, 16);
  return (user + system) / 1e6 + (Number(ofUser) + Number(ofSystem)) / 100;
}

// The runner loads this too.
if (process.env.NODE_TEST_CONTEXT !== undefined && isMainThread) {
  const tests: { name: string; seconds: number }[] = [];
  let before: number | undefined;
  afterEach((t) => {
    const now = cpuSeconds();
    // The first has all that was loaded before it.
    tests.push({ name: t.name, seconds: now - (before ?? now) });
    before = now;
  });
  process.on('exit', () => {
    const most = tests
      .filter(({ seconds }) => seconds >= shown.fromSeconds)
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, shown.tests)
      .map(({ name, seconds }) => `\n  ${seconds.toFixed(1)} ${name}`);
    console.error(`${cpuSeconds().toFixed(1)} CPU-s: ${process.argv[1]}${most.join('')}`);
  });
}
