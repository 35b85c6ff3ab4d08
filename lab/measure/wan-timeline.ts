import { setTimeout } from 'node:timers/promises';

/** Bytes that came down the WAN link until a moment, ms from the start. */
export interface WanSample {
  atMs: number;
  received: number;
}

const everyMs = 100;

/** Reads the counter from now on until `over` is aborted. */
export async function followWan(
  read: () => Promise<number>,
  over: AbortSignal,
): Promise<WanSample[]> {
  const startedAt = performance.now();
  const first = await read();
  const samples: WanSample[] = [];
  while (!over.aborted) {
    const received = (await read()) - first;
    samples.push({ atMs: performance.now() - startedAt, received });
    await setTimeout(everyMs);
  }
  return samples;
}

/**
 * When `part` (0 to 1) of all that came down was there, ms: how long the link stood idle at the start,
 * and at the end. Undefined when nothing came.
 */
export function reachedAt(samples: readonly WanSample[], part: number): number | undefined {
  const all = samples.at(-1)?.received ?? 0;
  if (all === 0) return undefined;
  return samples.find(({ received }) => received >= part * all)?.atMs;
}
