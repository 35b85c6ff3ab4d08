import type { Clock } from '@sluice/protocol';

/** Wall time in ms since 1970, moved on by the injected clock. */
export function wallTimeOf(clock: Clock): () => number {
  const offset = Date.now() - clock.now();
  return () => offset + clock.now();
}
