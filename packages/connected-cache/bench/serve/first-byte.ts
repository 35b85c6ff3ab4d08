import { Agent, get } from 'node:http';

/**
 * Asks for 64 KiB at a steady rate, whether the answers keep up or not.
 * @returns the 99th percentile of the time to the first byte, ms
 */
export async function firstByte(
  url: string,
  length: number,
  perSecond: number,
  seconds: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const blocks = Math.floor(length / 65536);
  const times: number[] = [];
  const running: Promise<void>[] = [];
  const began = performance.now();
  let asked = 0;
  for (let now = 0; now < seconds * 1000; now = performance.now() - began) {
    for (; asked < (now * perSecond) / 1000; asked++) {
      const due = began + (asked * 1000) / perSecond;
      running.push(askOnce(url, agent, (asked * 7919) % blocks, (at) => times.push(at - due)));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(running);
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
