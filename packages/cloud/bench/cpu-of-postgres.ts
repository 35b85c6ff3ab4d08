import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';

/** Of /proc, clock ticks. */
const ticksPerSecond = 100;

/** CPU time of all processes of a server on this Linux machine, microseconds; undefined elsewhere. */
export async function cpuOfPostgres(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const own = await statOf(String(rows[0]!.pid));
  if (!own) return undefined;
  const all = await Promise.all(
    (await readdir('/proc')).filter((n) => /^\d+$/.test(n)).map(statOf),
  );
  const ticks = all.reduce((sum, stat) => {
    if (!stat) return sum;
    if (stat.parent === own.parent) return sum + stat.own;
    return stat.pid === own.parent ? sum + stat.own + stat.ended : sum;
  }, 0);
  return (ticks / ticksPerSecond) * 1e6;
}

/** Undefined for one that is gone. */
async function statOf(pid: string) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name may have spaces and brackets in it.
  const [, parent, ...rest] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = rest.slice(9, 13);
  return { pid: Number(pid), parent, own: user + system, ended: endedUser + endedSystem };
}
