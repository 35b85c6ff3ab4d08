// temporary
import { execSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { startValkey } from '../src/testing/index.ts';
import { joinBody } from './fleet.ts';
import { postMany } from './post-many.ts';

const which = process.argv[2]!;
const prof = process.argv[3];
const peers = Number(process.argv[4] ?? 5000),
  swarms = peers / 100;
const valkey = which === 'valkey' ? await startValkey() : undefined;
const args = which === 'fastify' ? ['fastify'] : valkey ? ['cloud', valkey.url] : ['cloud'];
const server = fork(new URL('./serve.ts', import.meta.url), args, {
  stdio: 'inherit',
  execArgv:
    prof && prof !== '-' ? ['--cpu-prof', `--cpu-prof-name=${prof}`, '--cpu-prof-dir=/tmp/j'] : [],
});
const told = async () => (await once(server, 'message'))[0];
const cpu = () => {
  server.send('cpu');
  return told();
};
const target = new URL('/array/join/', await told());
const load = { body: (n: number) => joinBody(n % peers, swarms), connections: 32 };
const taskset = (pid: number, c: string) => execSync(`taskset -a -cp ${c} ${pid}`);
taskset(server.pid!, '0');
taskset(process.pid, '1');
const redisPid = valkey
  ? Number(
      /process_id:(\d+)/.exec(execSync(`redis-cli -u ${valkey.url} info server`).toString())![1],
    )
  : 0;
if (redisPid) taskset(redisPid, '1');
const rcpu = () => {
  if (!valkey) return 0;
  const i = execSync(`redis-cli -u ${valkey.url} info cpu`).toString();
  return (
    1e6 *
    (Number(/used_cpu_sys:([\d.]+)/.exec(i)![1]) + Number(/used_cpu_user:([\d.]+)/.exec(i)![1]))
  );
};
await postMany(target, { ...load, seconds: 2 });
const b = await cpu(),
  rb = rcpu(),
  own = process.cpuUsage();
const r = await postMany(target, { ...load, seconds: 4 });
const o = process.cpuUsage(own);
console.log(
  which,
  Math.round(r.requests / 4),
  '/s, server',
  (((await cpu()) - b) / r.requests).toFixed(1),
  'us, redis',
  ((rcpu() - rb) / r.requests).toFixed(1),
  'us, load',
  ((o.user + o.system) / r.requests).toFixed(1),
  'us p99',
  r.p99.toFixed(1),
);
if (valkey)
  console.log(
    execSync(`redis-cli -u ${valkey.url} info commandstats`)
      .toString()
      .split('\n')
      .map((l) => /cmdstat_([^:]*):calls=(\d+),usec=(\d+),usec_per_call=([\d.]+)/.exec(l))
      .filter((m) => m && Number(m[3]) > 10000)
      .map((m) => m!.slice(1).join(' '))
      .join('\n'),
  );
const ex = once(server, 'exit');
server.send('stop');
await ex;
await valkey?.stop();
