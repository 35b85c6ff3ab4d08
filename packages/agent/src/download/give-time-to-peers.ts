import type { Clock } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import { awaitNobody } from './await-nobody.ts';
import type { OriginOpening } from './origin-opening.ts';
import type { Sharing } from './sharing.ts';
import { isSoonThrough, soonMs } from './soon-through.ts';
import { startGrace } from './start-grace.ts';
import type { Transfer } from './transfer.ts';

/** HTTP that has brought nothing for so long is no longer counted on, ms. */
const stillMs = 250;

export interface TimeForPeers {
  /** Bytes that are not here yet. */
  missing: number;
  /** Holds HTTP back as a policy says; undefined where it is not used. */
  opening: Pick<OriginOpening, 'waitsForPeers' | 'nobody'> | undefined;
  /** Whether HTTP may first show that it needs no peers. */
  mayTry: boolean;
  /** Whether HTTP stops while peers are looked for. */
  stopsHttp: boolean;
}

/** The start grace; then, where a delay policy leaves it to peers, as long as there can be any. */
export async function giveTimeToPeers(
  sharing: Pick<Sharing, 'beginNow' | 'answered'> & { shared: Pick<Sharing['shared'], 'swarm'> },
  transfer: Pick<Transfer, 'received' | 'stopOrigins' | 'setOriginAllowed'>,
  { missing, opening, mayTry, stopsHttp }: TimeForPeers,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { swarm } = sharing.shared;
  const waits = opening?.waitsForPeers === true;
  if (!waits && mayTry && (await isSoonThrough(transfer, missing, clock, signal))) {
    // It has all before a look around would show anybody: that is made only when it is not so after all.
    await whileItBrings(transfer, clock, signal);
    if (!signal.aborted) sharing.beginNow();
    return;
  }
  if (signal.aborted) return;
  sharing.beginNow();
  if (waits) awaitNobody(swarm, sharing.answered, clock, signal).then(() => opening.nobody());
  if (stopsHttp) transfer.setOriginAllowed(false);
  await startGrace(swarm, sharing.answered, clock, signal);
}

/** Until nothing comes any more, or too long. */
async function whileItBrings(
  transfer: Pick<Transfer, 'received'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let before = -1;
  for (let ms = 0; ms < soonMs && transfer.received > before && !signal.aborted; ms += stillMs) {
    before = transfer.received;
    await delay(clock, stillMs, signal);
  }
}
