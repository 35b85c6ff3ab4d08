import type { Clock } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import type { Transfer } from './transfer.ts';

/** For less than this nothing is tried, bytes. */
const worthATrial = 256 << 20;
/** How long HTTP shows what it brings, ms: on a thin link that is the part of a piece. */
const trialMs = 25;
/** A look around the local network takes a quarter of a second: a twentieth of this. */
const soonMs = 5_000;

/**
 * Lets HTTP and cache begin before it is known who is around, for a moment. Only where they would have
 * brought everything before peers could help is nobody waited for: there the wait is all that peers add.
 * @param missing bytes that are not here yet.
 * @returns whether they go on; if not, they have stopped.
 */
export async function isSoonThrough(
  transfer: Pick<Transfer, 'received' | 'stopOrigins'>,
  missing: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  if (missing >= worthATrial) {
    await delay(clock, trialMs, signal);
    if (transfer.received * soonMs >= missing * trialMs) return true;
  }
  transfer.stopOrigins();
  return false;
}
