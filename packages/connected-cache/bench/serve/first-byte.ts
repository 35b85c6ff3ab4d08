import { Agent, get } from 'node:http';
import { setTimeout } from 'node:timers/promises';

/** Requests a second that are timed: few, so that who times them is not what is slow. */
const perSecond = 200;

/**
 * Asks for 64 KiB now and then while `load` keeps the server at work.
 * @returns the 99th percentile of the time from each to its first byte, ms
 */
export async function firstByte(
  url: string,
  length: number,
  load: Promise<unknown>,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const blocks = Math.floor(length / 65536);
  const times: number[] = [];
  const running: Promise<void>[] = [];
  let isLoaded = true;
  const ended = load.finally(() => {
    isLoaded = false;
  });
  const began = performance.now();
  for (let asked = 0; isLoaded; asked++) {
    const due = began + (asked * 1000) / perSecond;
    await setTimeout(Math.max(0, due - performance.now()));
    // Late by itself, which is not the server's doing.
    const from = Math.max(due, performance.now());
    running.push(askOnce(url, agent, (asked * 7919) % blocks, (at) => times.push(at - from)));
  }
  await Promise.all([ended, ...running]);
  agent.destroy();
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
}

function askOnce(url: string, agent: Agent, block: number, first: (at: number) => void) {
  return new Promise<void>((resolve, reject) => {
    const range = `bytes=${block * 65536}-${block * 65536 + 65535}`;
    get(url, { agent, headers: { range } }, (response) => {
      response.once('data', () => first(performance.now()));
      response.on('end', resolve);
    }).on('error', reject);
  });
}
