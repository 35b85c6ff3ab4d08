import type { Sources } from './sources.ts';

/** Between decisions when nothing happens: deadlines are looked at in this grain. */
const tickMs = 500;
/** The same where peers get little time. */
const hastyTickMs = 100;
/** The same while an origin that was asked has never sent a byte, or of several has not shown what it brings. */
const unprovenTickMs = 100;
/** The same when everything is here. */
export const idleMs = 60_000;

/** When to look at deadlines again though nothing has happened. @param isHasty peers get little time. */
export function lookAgainAt(sources: Sources, isHasty: boolean, now: number): number {
  let at = now + (isHasty ? hastyTickMs : tickMs);
  for (const s of sources.backedOff) {
    if (s.notBefore > now) at = Math.min(at, s.notBefore);
    else sources.backedOff.delete(s);
  }
  const isChoice = sources.origins.length > 1;
  for (const s of sources.origins) {
    const isProven = isChoice ? s.goodput.known(now) > 0 : s.goodput.measured;
    if (s.pending > 0 && !isProven) at = Math.min(at, now + unprovenTickMs);
  }
  return at;
}
