/**
 * `sluice get` of 1 GiB from a local nginx beside `curl` of the same file, interleaved, each as a
 * process from start to end into a new file. With verification against the PHF and without, and what Node
 * needs at least. Prints medians and ratios of wall time, and the peak memory; exit 1 above the limits.
 *
 *     npm run bench:get [-- <MiB> <rounds>]
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPiecesHashFile } from '@sluice/agent';
import { formatPiecesHashFile } from '@sluice/protocol';

const sizeMiB = Number(process.argv[2] ?? 1024);
const rounds = Number(process.argv[3] ?? 7);
/**
 * Rounds that do not count. A virtual machine gives memory back that lies idle, and a fault of the host brings
 * it in again: a first round takes twice as long, for every tool, until the memory that the rounds hand on to each other is warm.
 */
const warmUps = 3;
const limits = { verified: 1.5, plain: 1.2, rssMiB: 250 };
const bare = fileURLToPath(new URL('bare-get.ts', import.meta.url));
const cli = fileURLToPath(new URL('../packages/cli/bin/sluice.js', import.meta.url));

interface Run {
  seconds: number;
  /** Peak resident memory, MiB; 0 where /proc does not tell. */
  rssMiB: number;
}

function writeRandom(path: string): void {
  const chunk = randomFillSync(Buffer.alloc(1 << 20));
  const fd = openSync(path, 'wx');
  for (let i = 0; i < sizeMiB; i++) {
    chunk.writeUInt32LE(i, 0);
    writeSync(fd, chunk);
  }
  closeSync(fd);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** An nginx of our own with Debian's defaults for files. */
async function startNginx(folder: string): Promise<{ port: number; process: ChildProcess }> {
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; worker_processes auto; pid ${folder}/nginx.pid; error_log stderr error;
     ${process.getuid?.() === 0 ? 'user root;' : ''}
     events { worker_connections 768; }
     http { access_log off; sendfile on; tcp_nopush on; client_body_temp_path ${folder}/b;
       proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u;
       scgi_temp_path ${folder}/s;
       server { listen 127.0.0.1:${port}; root ${folder}/www; } }`,
  );
  const nginx = spawn('nginx', ['-c', config, '-p', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let tries = 0; tries < 100; tries++) {
    if (spawnSync('curl', ['-sf', '-o', '/dev/null', '-r', '0-0', url(port)]).status === 0) {
      return { port, process: nginx };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  nginx.kill();
  throw new Error('nginx did not start');
}

function url(port: number): string {
  return `http://127.0.0.1:${port}/content.bin`;
}

/** Runs a command to its end; the peak memory is read while it runs. */
async function measure(command: string, args: string[]): Promise<Run> {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let rssMiB = 0;
  const look = setInterval(() => {
    rssMiB = Math.max(rssMiB, peakMiB(child.pid!));
  }, 20);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  const seconds = (performance.now() - start) / 1000;
  clearInterval(look);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code}`);
  return { seconds, rssMiB };
}

function peakMiB(pid: number): number {
  try {
    const kib = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? 0) / 1024;
  } catch {
    // It has just ended.
    return 0;
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const www = join(folder, 'www');
let nginx: ChildProcess | undefined;
try {
  execFileSync('mkdir', [www]);
  const file = join(www, 'content.bin');
  writeRandom(file);
  const phf = await createPiecesHashFile(file);
  writeFileSync(join(www, 'content.bin.phf'), formatPiecesHashFile(phf));
  const started = await startNginx(folder);
  nginx = started.process;
  const source = url(started.port);
  const out = join(folder, 'out.bin');
  const data = ['--data-dir', join(folder, 'data')];
  const get = [cli, 'get', source, '-o', out, '--quiet', '--foreground', ...data];
  const hash = ['--hash-of-hashes', phf.hashOfHashes, '--phf', `${source}.phf`];
  const runs = {
    curl: () => measure('curl', ['-s', '-o', out, source]),
    verified: () => measure(process.execPath, [...get, ...hash]),
    plain: () => measure(process.execPath, get),
    bare: () => measure(process.execPath, [bare, source, String(sizeMiB * (1 << 20)), out]),
  };
  const results: Record<keyof typeof runs, Run[]> = {
    curl: [],
    verified: [],
    plain: [],
    bare: [],
  };
  for (let round = -warmUps; round < rounds; round++) {
    // In any order: what one leaves of free memory is the next one's.
    const order = (Object.keys(runs) as (keyof typeof runs)[])
      .map((name) => ({ name, at: Math.random() }))
      .sort((a, b) => a.at - b.at);
    for (const { name } of order) {
      rmSync(out, { force: true });
      const run = await runs[name]();
      if (round >= 0) results[name].push(run);
    }
  }
  execFileSync('cmp', [file, out]);
  const curl = median(results.curl.map((r) => r.seconds));
  let ok = true;
  console.log(`${sizeMiB} MiB from nginx, medians of ${rounds} interleaved rounds`);
  console.log(`curl            ${curl.toFixed(2)} s`);
  for (const name of ['verified', 'plain'] as const) {
    const seconds = median(results[name].map((r) => r.seconds));
    const pairs = results[name].map((r, i) => r.seconds / results.curl[i]!.seconds);
    const rss = Math.max(...results[name].map((r) => r.rssMiB));
    ok &&= median(pairs) <= limits[name] && rss <= limits.rssMiB;
    console.log(
      `get ${name.padEnd(11)} ${seconds.toFixed(2)} s, ${median(pairs).toFixed(2)} × curl ` +
        `(limit ${limits[name]}), peak ${rss.toFixed(0)} MiB (limit ${limits.rssMiB})`,
    );
  }
  const least = results.bare.map((r, i) => r.seconds / results.curl[i]!.seconds);
  console.log(`the least in Node: ${median(least).toFixed(2)} × curl (bench/bare-get.ts)`);
  process.exitCode = ok ? 0 : 1;
} finally {
  nginx?.kill();
  rmSync(folder, { recursive: true, force: true });
}
