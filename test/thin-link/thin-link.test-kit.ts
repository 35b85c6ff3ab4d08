import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseCounters } from '../../lab/network/counters.ts';
import { inNamespace } from '../../lab/network/ip.ts';

const program = fileURLToPath(new URL('./end-process.ts', import.meta.url));
const address = { near: '10.77.0.1', far: '10.77.0.2' };
const port = 8080;

/**
 * Two ends and a bridge between them, each a network namespace; towards the near end the bridge is thin,
 * with a deep queue. Not at the sender itself: a system that sees its own queue keeps it short.
 */
export class ThinLink implements AsyncDisposable {
  readonly url = `http://${address.far}:${port}/content.bin`;
  readonly #near = `sluice-near-${process.pid}`;
  readonly #middle = `sluice-mid-${process.pid}`;
  readonly #far = `sluice-far-${process.pid}`;
  readonly #processes = new Set<ChildProcess>();

  /** @param rate as `tc` has it. @param queueMs what fits its queue. */
  static async open(file: string, rate: string, queueMs: number): Promise<ThinLink> {
    const link = new ThinLink();
    try {
      link.#build(rate, queueMs);
      await link.#serve(file);
      return link;
    } catch (error) {
      await link[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A process at the near end; it ends with the link. */
  run(command: string, ...args: string[]): ChildProcess {
    return this.#spawn(this.#near, command, args);
  }

  /** Runs a process at the near end. @returns seconds that it took. @throws when it fails. */
  async time(command: string, ...args: string[]): Promise<number> {
    const startedAt = performance.now();
    const child = this.run(command, ...args);
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code}`);
    return (performance.now() - startedAt) / 1000;
  }

  /** Measures the round trip all the time. */
  ping(everyMs: number): { samples: number[]; stop: () => void } {
    const samples: number[] = [];
    const args = [program, 'ping', address.far, String(port), String(everyMs)];
    const child = this.run(process.execPath, ...args);
    createInterface({ input: child.stdout! }).on('line', (line) => samples.push(Number(line)));
    return { samples, stop: () => child.kill() };
  }

  /** Bytes that came to the near end, headers included. */
  async received(): Promise<number> {
    const text = await inNamespace(this.#near, 'cat', '/proc/net/dev');
    return parseCounters(text, 'thin').received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes) child.kill('SIGKILL');
    await Promise.all([...this.#processes].map((child) => once(child, 'close')));
    for (const name of [this.#near, this.#middle, this.#far]) {
      try {
        ip('netns', 'del', name);
      } catch {
        // It was not made.
      }
    }
  }

  #build(rate: string, queueMs: number): void {
    for (const name of [this.#near, this.#middle, this.#far]) ip('netns', 'add', name);
    const inMiddle = (...args: string[]) => ip('-n', this.#middle, ...args);
    inMiddle('link', 'add', 'bridge', 'type', 'bridge');
    inMiddle('link', 'set', 'bridge', 'up');
    for (const end of ['near', 'far'] as const) {
      const name = end === 'near' ? this.#near : this.#far;
      inMiddle('link', 'add', end, 'type', 'veth', 'peer', 'name', 'thin', 'netns', name);
      inMiddle('link', 'set', end, 'master', 'bridge', 'up');
      ip('-n', name, 'addr', 'add', `${address[end]}/24`, 'dev', 'thin');
      ip('-n', name, 'link', 'set', 'thin', 'up');
      // What the host uses may keep queues short by itself; most senders do not. Reno is always there.
      const sysctl = 'echo reno > /proc/sys/net/ipv4/tcp_congestion_control';
      ip('netns', 'exec', name, 'sh', '-c', sysctl);
    }
    const limits = ['rate', rate, 'burst', '16kb', 'latency', `${queueMs}ms`];
    const qdisc = ['tc', 'qdisc', 'add', 'dev', 'near', 'root', 'tbf', ...limits];
    ip('netns', 'exec', this.#middle, ...qdisc);
  }

  async #serve(file: string): Promise<void> {
    const args = [program, 'serve', file, String(port)];
    const child = this.#spawn(this.#far, process.execPath, args);
    await once(child.stdout!, 'data');
  }

  #spawn(namespace: string, command: string, args: string[]): ChildProcess {
    const all = ['netns', 'exec', namespace, command, ...args];
    const child = spawn('ip', all, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#processes.add(child);
    child.once('close', () => this.#processes.delete(child));
    return child;
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
