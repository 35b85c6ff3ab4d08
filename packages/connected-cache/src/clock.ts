import type { Clock } from '@sluice/protocol';

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

/** Wall time in ms since 1970, as HTTP dates need it, moved on by the injected clock. */
export type WallTime = () => number;

/** A wall clock that never jumps while the node runs: set once, then it follows `clock`. */
export function wallTimeOf(clock: Clock): WallTime {
  const offset = Date.now() - clock.now();
  return () => offset + clock.now();
}
