/**
 * One device serves 1 GiB to another over loopback, each a process of its own: into memory only, and
 * verified and written; over a connection the fetching device made, and over one it accepted. Beside
 * it two bare Node processes that move and hash the same file (`bare-pair.ts`), and curl with a local
 * nginx. Interleaved; prints medians, the ratio to the bare pair, the CPU seconds per GiB of each side
 * and their peak memory; exit 1 when verified transfers are below 0.7 of the bare pair or above 150 MB.
 *
 *     npm run bench:peer [-- rounds]
 */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { formatPiecesHashFile, PiecesHasher, pieceCount } from '@sluice/protocol';
import { createPieceWorker, openContentStore } from '../src/store/index.ts';
import type { Order } from './peer-device.ts';

const GiB = 1024 ** 3;
const pieceSize = 1_048_576;
const rounds = Number(process.argv[2] ?? 7);
const limits = { ratio: 0.7, rss: 150 };
const bare = 'bare pair, SHA-256';
const ids = { server: '1'.padStart(40, '0'), client: '2'.padStart(40, '0') };

interface Way {
  name: string;
  run(): Promise<Result>;
  seconds: number[];
  cpu: number[];
  serverCpu: number[];
  /** Peak resident memory, MB. */
  rss: number[];
  serverRss: number[];
}

interface Result {
  seconds: number;
  cpu?: number;
  serverCpu?: number;
  rss?: number;
  serverRss?: number;
}

interface Device {
  ask<T>(order: Order): Promise<T>;
  end(): Promise<void>;
}

async function startDevice(root: string, phf: string, self: string): Promise<Device> {
  mkdirSync(root, { recursive: true });
  const file = new URL('peer-device.ts', import.meta.url);
  // The `sluice` command runs with it, too: without it each thread loads the compiler.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'sluice-bench-cache') };
  const child = fork(file, [root, Buffer.from(phf).toString('base64'), self], { env });
  const answers: ((value: never) => void)[] = [];
  child.on('message', (answer) => answers.shift()?.(answer as never));
  child.once('exit', (code) => {
    if (code) process.exit(code);
  });
  await new Promise<void>((resolve) => answers.push(resolve));
  return {
    ask: (order) =>
      new Promise((resolve) => {
        answers.push(resolve);
        child.send(order);
      }),
    async end() {
      // Not killed: what was compiled is kept at the end.
      child.send({ do: 'end' } satisfies Order);
      await once(child, 'exit');
    },
  };
}

/** Two devices that are connected; who made the connection is the question. */
async function startPair(folder: string, phf: string, clientDials: boolean) {
  const server = await startDevice(join(folder, 'seed'), phf, ids.server);
  const client = await startDevice(join(folder, 'client'), phf, ids.client);
  const [dialler, other, peerId] = clientDials
    ? [client, server, ids.server]
    : [server, client, ids.client];
  const { port } = await other.ask<{ port: number }>({ do: 'serve' });
  await dialler.ask({ do: 'serve' });
  await dialler.ask({ do: 'connect', port, peerId });
  return { server, client };
}

function peerWay(name: string, folder: string, phf: string, dials: boolean, keep: boolean): Way {
  const run = async () => {
    const { server, client } = await startPair(folder, phf, dials);
    const used = (device: Device) => device.ask<{ cpu: number; rss: number }>({ do: 'used' });
    const cpuOf = async () => (await used(server)).cpu;
    const fetch = () => client.ask<{ seconds: number; cpu: number }>({ do: 'fetch', keep });
    await fetch(); // Warms code.
    const before = await cpuOf();
    const took = await fetch();
    const serverCpu = (await cpuOf()) - before;
    const { rss: serverRss } = await used(server);
    const { rss } = await used(client);
    await client.end();
    await server.end();
    rmSync(join(folder, 'client'), { recursive: true });
    return { ...took, serverCpu, rss, serverRss };
  };
  return { name, run, seconds: [], cpu: [], serverCpu: [], rss: [], serverRss: [] };
}

function curlWay(url: string): Way {
  const run = async () => {
    const start = performance.now();
    execFileSync('curl', ['-sSf', '-o', '/dev/null', url]);
    return { seconds: (performance.now() - start) / 1000 };
  };
  return {
    name: 'curl -o /dev/null',
    run,
    seconds: [],
    cpu: [],
    serverCpu: [],
    rss: [],
    serverRss: [],
  };
}

function bareWay(file: string): Way {
  const script = new URL('bare-pair.ts', import.meta.url);
  const run = async () => {
    const sender = fork(script, ['send', file]);
    const [{ port }] = (await once(sender, 'message')) as [{ port: number }];
    const receiver = fork(script, ['receive', String(port)]);
    const [took] = (await once(receiver, 'message')) as [Result];
    await Promise.all([sender, receiver].map((child) => child.exitCode ?? once(child, 'exit')));
    return took;
  };
  return { name: bare, run, seconds: [], cpu: [], serverCpu: [], rss: [], serverRss: [] };
}

/** Fills the store of the serving device. @returns the hash list. */
async function publish(root: string): Promise<string> {
  const piece = new Uint8Array(new SharedArrayBuffer(pieceSize));
  randomFillSync(piece);
  const hasher = new PiecesHasher({ pieceSize });
  const count = pieceCount({ contentLength: GiB, pieceSize });
  for (let i = 0; i < count; i++) {
    new DataView(piece.buffer).setUint32(0, i);
    hasher.update(piece);
  }
  const phf = hasher.finish();
  const worker = createPieceWorker();
  const store = await openContentStore({ root, worker });
  const entry = await store.open({ key: phf.hashOfHashes, ...phf });
  for (let i = 0; i < count; i++) {
    new DataView(piece.buffer).setUint32(0, i);
    await entry.writePiece(i, { bytes: piece }, 0);
  }
  await store.close();
  await worker.close();
  return formatPiecesHashFile(phf);
}

async function startNginx(
  folder: string,
): Promise<{ child: ChildProcess; url: string; file: string }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  const config = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
     ${process.getuid?.() === 0 ? 'user root;' : ''}
     events {}
     http {
       access_log off; sendfile on; tcp_nopush on;
       ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
       server { listen 127.0.0.1:${port}; location / { root ${folder}/seed/content; } }
     }`,
  );
  const child = spawn('/usr/sbin/nginx', ['-c', config, '-e', join(folder, 'error.log')]);
  const name = execFileSync('ls', [join(folder, 'seed/content')], { encoding: 'utf8' }).trim();
  const url = `http://127.0.0.1:${port}/${name}/data`;
  for (let i = 0; i < 100; i++) {
    const up = await fetch(url, { method: 'HEAD' }).catch(() => undefined);
    if (up?.ok) break;
    await wait(50);
  }
  return { child, url, file: join(folder, 'seed/content', name, 'data') };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** @returns whether the limits hold. */
function report(ways: Way[]): boolean {
  const base = median(ways.find((way) => way.name === bare)!.seconds);
  let ok = true;
  for (const { name, seconds, cpu, serverCpu, rss, serverRss } of ways) {
    const time = median(seconds);
    const ratio = base / time;
    const cells = [
      `${(1024 / time).toFixed(0).padStart(5)} MiB/s  ×${ratio.toFixed(2)} of the bare pair`,
    ];
    if (cpu.length > 0) cells.push(`CPU-s/GiB: receiver ${median(cpu).toFixed(2)}`);
    if (serverCpu.length > 0) cells.push(`sender ${median(serverCpu).toFixed(2)}`);
    const peak = { receiver: Math.max(...rss), sender: Math.max(...serverRss) };
    if (rss.length > 0) {
      cells.push(`peak ${peak.receiver.toFixed(0)} and ${peak.sender.toFixed(0)} MB`);
    }
    if (name.includes('verified')) {
      ok &&= ratio >= limits.ratio && Math.max(peak.receiver, peak.sender) <= limits.rss;
    }
    console.log(`${name.padEnd(28)} ${cells.join('  ')}`);
  }
  return ok;
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const phf = await publish(join(folder, 'seed'));
const { child, url, file } = await startNginx(folder);
try {
  const ways = [
    peerWay('dialled, discarded', folder, phf, true, false),
    peerWay('accepted, discarded', folder, phf, false, false),
    peerWay('dialled, verified, written', folder, phf, true, true),
    peerWay('accepted, verified, written', folder, phf, false, true),
    bareWay(file),
    curlWay(url),
  ];
  await ways.at(-1)!.run();
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      const { seconds, cpu, serverCpu, rss, serverRss } = await way.run();
      way.seconds.push(seconds);
      if (cpu !== undefined) way.cpu.push(cpu);
      if (serverCpu !== undefined) way.serverCpu.push(serverCpu);
      if (rss !== undefined) way.rss.push(rss);
      if (serverRss !== undefined) way.serverRss.push(serverRss);
    }
  }
  process.exitCode = report(ways) ? 0 : 1;
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  rmSync(folder, { recursive: true });
}
