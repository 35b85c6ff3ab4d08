import type { Clock } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import { unlessAborted } from '../clock/unless-aborted.ts';
import type { ContentSwarm } from '../swarm/content-swarm.ts';
import type { Member } from '../swarm/member.ts';

const lookMs = 250;

/**
 * Resolves when the search for peers has had its answer, and nobody who could bring anything is connected
 * or being connected to; also when `signal` aborts. Devices that start together and all leave HTTP
 * alone see that of each other, and begin.
 * @param answered resolves with the number of peers named, at the array's first answer or failure.
 */
export async function awaitNobody(
  swarm: Pick<ContentSwarm, 'members' | 'acquaintance'>,
  answered: Promise<number>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  await unlessAborted(answered, signal).catch(() => {
    // The transfer is over.
  });
  while (!signal.aborted) {
    const { connecting, greeting } = swarm.acquaintance;
    if (connecting + greeting === 0 && ![...swarm.members].some(isHope)) return;
    await delay(clock, lookMs, signal);
  }
}

/** It has something, or fetches something. */
function isHope({ has, hello }: Member): boolean {
  return has.count > 0 || hello?.mayUseHttp !== false;
}
