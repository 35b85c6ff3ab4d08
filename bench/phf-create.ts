/**
 * `sluice phf create` of 1 GiB beside `openssl dgst -sha256` of the same file, interleaved, both
 * as processes from start to end, with the file in the page cache.
 * Prints medians and the ratio of speeds; exit 1 below 0.8.
 */
import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const size = 1_073_741_824;
const rounds = 7;
const leastRatio = 0.8;

const cli = fileURLToPath(new URL('../packages/cli/bin/sluice.js', import.meta.url));

function writeRandom(path: string): void {
  const chunk = randomFillSync(Buffer.alloc(16 * 1_048_576));
  const fd = openSync(path, 'wx');
  for (let done = 0; done < size; done += chunk.length) {
    // Not all alike, at little cost.
    chunk.writeUInt32LE(done / chunk.length, 0);
    writeSync(fd, chunk);
  }
  closeSync(fd);
}

function secondsOf(command: string, args: string[]): number {
  const start = performance.now();
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return (performance.now() - start) / 1000;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  const file = join(folder, 'content');
  const output = join(folder, 'content.phf');
  writeRandom(file);
  const ours = [cli, 'phf', 'create', file, '-o', output];
  const times = { openssl: [] as number[], sluice: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.openssl.push(secondsOf('openssl', ['dgst', '-sha256', file]));
    rmSync(output, { force: true });
    times.sluice.push(secondsOf(process.execPath, ours));
  }
  const [openssl, sluice] = [median(times.openssl), median(times.sluice)];
  const ratio = openssl / sluice;
  console.log('sluice phf create, 1 GiB');
  console.log(`openssl    ${openssl.toFixed(3)} s  ${(1024 / openssl).toFixed(0)} MiB/s`);
  console.log(`sluice     ${sluice.toFixed(3)} s  ${(1024 / sluice).toFixed(0)} MiB/s`);
  console.log(`ratio      ${ratio.toFixed(2)}  (at least ${leastRatio})`);
  if (ratio < leastRatio) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
