import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The server to test against, whichever of the two is installed. */
const server = ['valkey-server', 'redis-server'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

/** Why tests of the store are skipped here; false when they run. */
export const noValkey: string | false = server ? false : 'no valkey-server or redis-server here';

/** A store on loopback that keeps nothing on disk. */
export interface ValkeyServer {
  port: number;
  /** `redis://127.0.0.1:port` */
  url: string;
  /** SIGKILL: everything in it is lost. */
  stop(): Promise<void>;
}

/** @param port a free one when not given */
export async function startValkey(port?: number, more: string[] = []): Promise<ValkeyServer> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-valkey-'));
  const own = port ?? (await freePort());
  const flags = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir];
  const child = spawn(server!, ['--port', `${own}`, ...flags, ...more]);
  const exited = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    let log = '';
    child.stdout.on('data', (text) => {
      log += text;
      if (/ready to accept connections/i.test(log)) resolve();
    });
    child.on('exit', () => reject(new Error(log)));
  });
  return {
    port: own,
    url: `redis://127.0.0.1:${own}`,
    async stop() {
      child.kill('SIGKILL');
      await exited;
      await rm(dir, { recursive: true });
    },
  };
}

const run = promisify(execFile);

/** Until three nodes know each other, ms; a port that somebody else took meanwhile means never. */
const meetMs = 15_000;

/** Three masters that share the slots. @returns the URL of one, and what ends all */
export async function startValkeyCluster(
  tries = 3,
): Promise<{ url: string; stop(): Promise<void> }> {
  // On a busy machine nobody is taken for dead who is only late.
  const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '30000'];
  const nodes: ValkeyServer[] = [];
  for (let i = 0; i < 3; i++) {
    const [port, bus] = [await freePort(), await freePort()];
    nodes.push(await startValkey(port, [...cluster, '--cluster-port', `${bus}`]));
  }
  const cli = server!.replace('server', 'cli');
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  const create = ['--cluster', 'create', ...addresses, '--cluster-yes'];
  try {
    await run(cli, create, { timeout: meetMs });
    for (const { port } of nodes) await agrees(cli, port);
    return { url: `${nodes[0]!.url}?cluster`, stop };
  } catch (error) {
    await stop();
    if (tries === 1) throw error;
    return startValkeyCluster(tries - 1);
  }
}

/** Each node finds for itself, a little later, that all slots are served. */
async function agrees(cli: string, port: number): Promise<void> {
  const until = Date.now() + meetMs;
  for (;;) {
    const { stdout } = await run(cli, ['-p', `${port}`, 'cluster', 'info']);
    if (stdout.includes('cluster_state:ok')) return;
    if (Date.now() > until) throw new Error(`no cluster at port ${port}: ${stdout}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A port of loopback that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
