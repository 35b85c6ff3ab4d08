import type { Clock } from '@sluice/protocol';

/** `setTimeout` takes no more, ms: 24 days. */
const maxTimerMs = 2 ** 31 - 1;

/** The real clock. A timer of more than 24 days ends after 24 days; one that is due already, at once. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(ms, fn) {
    const timer = setTimeout(fn, Math.min(Math.max(ms, 0), maxTimerMs));
    return () => clearTimeout(timer);
  },
};
