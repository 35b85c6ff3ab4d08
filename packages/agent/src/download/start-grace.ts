import type { Clock } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import { inTime } from '../clock/in-time.ts';
import type { ContentSwarm } from '../swarm/content-swarm.ts';

/** Without the array's answer HTTP starts anyway. */
const answerMs = 1_000;
/** An address that does not answer by then is not waited for: on one site the system does so in a millisecond. */
const connectMs = 300;
/** A device that answered is there, and only busy: it gets longer to say what it is fetching. */
const greetMs = 2_000;
const lookMs = 10;

/**
 * Waits until this device and the peers that the array named know each other, but never long. When
 * each of two devices knows the other before the later one starts, they agree on who is responsible
 * for which piece, and no piece crosses the thin link twice.
 * @param answered resolves with the number of peers named, at the array's first answer or failure.
 */
export async function startGrace(
  swarm: Pick<ContentSwarm, 'acquaintance'>,
  answered: Promise<number>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  if (!(await inTime(clock, answerMs, answered, signal))) return;
  const startedAt = clock.now();
  while (!signal.aborted) {
    const { connecting, greeting } = swarm.acquaintance;
    const waited = clock.now() - startedAt;
    const connected = connecting === 0 || waited >= connectMs;
    if ((connected && greeting === 0) || waited >= greetMs) return;
    await delay(clock, lookMs, signal);
  }
}
