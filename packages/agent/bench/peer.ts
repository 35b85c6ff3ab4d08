/**
 * One device serves 1 GiB to another over loopback, each a process of its own: into memory only, and
 * verified and written; over a connection the fetching device made, and over one it accepted. Beside
 * it curl and a local nginx, with the same file. Interleaved; prints medians, the ratio to curl, and
 * the CPU seconds per GiB of each side.
 *
 *     node packages/agent/bench/peer.ts [rounds]
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
const ids = { server: '1'.padStart(40, '0'), client: '2'.padStart(40, '0') };

interface Way {
  name: string;
  run(): Promise<{ seconds: number; cpu?: number; serverCpu?: number }>;
  seconds: number[];
  cpu: number[];
  serverCpu: number[];
}

interface Device {
  ask<T>(order: Order): Promise<T>;
  end(): Promise<void>;
}

async function startDevice(root: string, phf: string, self: string): Promise<Device> {
  mkdirSync(root, { recursive: true });
  const file = new URL('peer-device.ts', import.meta.url);
  const child = fork(file, [root, Buffer.from(phf).toString('base64'), self]);
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
      child.kill('SIGKILL');
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
    const cpuOf = async () => (await server.ask<{ cpu: number }>({ do: 'cpu' })).cpu;
    const fetch = () => client.ask<{ seconds: number; cpu: number }>({ do: 'fetch', keep });
    await fetch(); // Warms code.
    const before = await cpuOf();
    const took = await fetch();
    const serverCpu = (await cpuOf()) - before;
    await client.end();
    await server.end();
    rmSync(join(folder, 'client'), { recursive: true });
    return { ...took, serverCpu };
  };
  return { name, run, seconds: [], cpu: [], serverCpu: [] };
}

function curlWay(url: string): Way {
  const run = async () => {
    const start = performance.now();
    execFileSync('curl', ['-sSf', '-o', '/dev/null', url]);
    return { seconds: (performance.now() - start) / 1000 };
  };
  return { name: 'curl -o /dev/null', run, seconds: [], cpu: [], serverCpu: [] };
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

async function startNginx(folder: string): Promise<{ child: ChildProcess; url: string }> {
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
  return { child, url };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function report(ways: Way[]): void {
  const base = median(ways.at(-1)!.seconds);
  for (const { name, seconds, cpu, serverCpu } of ways) {
    const time = median(seconds);
    const rate = (1024 / time).toFixed(0).padStart(5);
    const own = cpu.length > 0 ? `CPU-s/GiB: receiver ${median(cpu).toFixed(2)}` : '';
    const server = cpu.length > 0 ? `, sender ${median(serverCpu).toFixed(2)}` : '';
    const ratio = (base / time).toFixed(2);
    console.log(`${name.padEnd(28)} ${rate} MiB/s  ×${ratio} of curl  ${own}${server}`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const phf = await publish(join(folder, 'seed'));
const { child, url } = await startNginx(folder);
try {
  const ways = [
    peerWay('dialled, discarded', folder, phf, true, false),
    peerWay('accepted, discarded', folder, phf, false, false),
    peerWay('dialled, verified, written', folder, phf, true, true),
    peerWay('accepted, verified, written', folder, phf, false, true),
    curlWay(url),
  ];
  await ways.at(-1)!.run();
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      const { seconds, cpu, serverCpu } = await way.run();
      way.seconds.push(seconds);
      if (cpu !== undefined) way.cpu.push(cpu);
      if (serverCpu !== undefined) way.serverCpu.push(serverCpu);
    }
  }
  report(ways);
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  rmSync(folder, { recursive: true });
}
