import { readdir, readFile } from 'node:fs/promises';

/** Clock ticks per second of /proc, the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** CPU seconds that a process and its children have used so far (Linux). */
export async function cpuSeconds(pid: number): Promise<number> {
  let ticks = 0;
  for (const id of [pid, ...(await childrenOf(pid))]) {
    const stat = await readFile(`/proc/${id}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / ticksPerSecond;
}

async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for (const task of await readdir(`/proc/${pid}/task`)) {
    const text = await readFile(`/proc/${pid}/task/${task}/children`, 'latin1');
    children.push(...text.split(' ').filter(Boolean).map(Number));
  }
  return children;
}
