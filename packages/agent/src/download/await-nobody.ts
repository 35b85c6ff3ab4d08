import type { Clock } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import { unlessAborted } from '../clock/unless-aborted.ts';
import type { ContentSwarm } from '../swarm/content-swarm.ts';

const lookMs = 250;

/**
 * Resolves when the search for peers has had its answer, and nobody is connected or being connected to;
 * also when `signal` aborts.
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
    if (connecting + greeting === 0 && [...swarm.members].length === 0) return;
    await delay(clock, lookMs, signal);
  }
}
