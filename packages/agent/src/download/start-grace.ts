import type { Clock } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import type { ContentSwarm } from '../swarm/content-swarm.ts';

/** After the array's answer, peers get this long to connect and say what they are fetching. */
const connectMs = 500;
/** Without an answer HTTP starts anyway. */
const answerMs = 1_500;
const lookMs = 10;

/**
 * Waits until the peers that the array named are connected and have said hello, but never long: so
 * devices that start together learn what the others are fetching before they fetch it too.
 * @param answered resolves with the number of peers named, at the array's first answer or failure.
 */
export async function startGrace(
  swarm: ContentSwarm,
  answered: Promise<number>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const named = await Promise.race([answered, delay(clock, answerMs, signal).then(() => 0)]);
  if (named === 0) return;
  const until = clock.now() + connectMs;
  while (clock.now() < until && !signal.aborted) {
    const members = [...swarm.members];
    if (swarm.settled && members.every((m) => m.hello !== undefined)) return;
    await delay(clock, lookMs, signal);
  }
}
