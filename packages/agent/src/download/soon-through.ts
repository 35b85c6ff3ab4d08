import type { Clock } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import type { Transfer } from './transfer.ts';

/** For less than this nothing is tried, bytes. */
const worthATrial = 256 << 20;
/** The first bytes are waited for so long, ms: it connects, and threads start. */
const firstMs = 100;
const lookMs = 5;
/** How long HTTP then shows what it brings, ms: on a thin link that is the part of a piece. */
const trialMs = 25;
/** So many times; who has not brought a part of what is needed after the second is given no more. */
const trials = 10;
const promising = 0.25;
/** A look around the local network takes a quarter of a second: a twentieth of this. */
export const soonMs = 5_000;

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
    for (let ms = 0; ms < firstMs && transfer.received === 0; ms += lookMs) {
      await delay(clock, lookMs, signal);
    }
    const first = { at: clock.now(), bytes: 0 };
    let before = first;
    for (let trial = 1; trial <= trials; trial++) {
      await delay(clock, trialMs, signal);
      const now = { at: clock.now(), bytes: transfer.received };
      // Of what was needed. While threads start, as long as 100 ms, it may stand still.
      const share = (since: typeof now) =>
        ((now.bytes - since.bytes) * soonMs) / (missing * (now.at - since.at));
      if (share(before) >= 1 || share(first) >= 1) return true;
      if (trial > 1 && !(share(first) >= promising)) break;
      before = now;
    }
  }
  transfer.stopOrigins();
  return false;
}
