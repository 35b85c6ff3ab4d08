/**
 * How long to wait before another try, ms: exponential back-off with full jitter, so that those who failed
 * together do not come back together; on top of what the far side asked for, which they all were told.
 * @param tries made so far, from 1. @param random in [0, 1).
 */
export function backOffMs(
  { firstMs, maxMs }: { firstMs: number; maxMs: number },
  tries: number,
  askedMs: number,
  random: () => number,
): number {
  return askedMs + random() * Math.min(maxMs, firstMs * 2 ** (tries - 1));
}
