import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

/** Where Debian keeps the server's programs; elsewhere they are on the path. */
const folder = ['18', '17', '16', '15']
  .map((version) => `/usr/lib/postgresql/${version}/bin/`)
  .find((path) => existsSync(`${path}postgres`));
const bin = folder ?? (spawnSync('postgres', ['--version']).status === 0 ? '' : undefined);

/** Why tests of the database are skipped here; false when they run. */
export const noPostgres: string | false = bin === undefined ? 'no PostgreSQL server here' : false;

/** The path of one of PostgreSQL's programs. */
export function postgresProgram(name: 'pg_dump' | 'pg_restore'): string {
  return `${bin}${name}`;
}

/** A database server of its own, on a Unix socket. */
export interface PostgresServer {
  /** The URL of its one database, emptied. */
  emptyDatabase(): Promise<string>;
  /** @returns the rows */
  query(text: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** @param durable as it is used: what is committed is on the disk */
export async function startPostgres(durable = false): Promise<PostgresServer> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-pg-'));
  const user = await serverUser(dir);
  const data = join(dir, 'data');
  await run(`${bin}initdb`, ['-D', data, '-U', 'sluice', '-A', 'trust', '--no-sync'], user);
  const settings = ['listen_addresses=', `unix_socket_directories=${dir}`];
  if (!durable) settings.push('fsync=off');
  const flags = settings.flatMap((setting) => ['-c', setting]);
  const server = spawn(`${bin}postgres`, ['-D', data, ...flags], user);
  const exited = once(server, 'exit');
  await new Promise<void>((resolve, reject) => {
    let log = '';
    server.stderr.on('data', (text) => {
      log += text;
      if (log.includes('ready to accept connections')) resolve();
    });
    server.on('exit', () => reject(new Error(log)));
  });
  const url = `postgres:///postgres?user=sluice&host=${encodeURIComponent(dir)}`;
  const query = async (text: string) => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    async emptyDatabase() {
      await query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
      return url;
    },
    query,
    async stop() {
      server.kill('SIGINT');
      await exited;
      await rm(dir, { recursive: true });
    },
  };
}

/** The server refuses to run as root: then it is the user that its package made. */
async function serverUser(dir: string): Promise<{ cwd: string; uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return { cwd: dir };
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  const [uid, gid] = [await id('-u'), await id('-g')];
  await chown(dir, uid, gid);
  return { cwd: dir, uid, gid };
}
