import { createHash } from 'node:crypto';
import type { Rollout } from '@sluice/protocol';
import { rolloutPercentAt } from '@sluice/protocol/policy';

/** Where a device is in a rollout. */
export interface Place {
  /** From 0 to below 100, the same for ever: a device is in when it is below the percentage. */
  bucket: number;
  percent: number;
  isIn: boolean;
  /** Name of the variant that it has, or would have. */
  variant: string;
}

/**
 * Where a device is: by a hash of both names, so that it stays in as the percentage grows, and those who are first in
 * one rollout are not first in all. Which variant it has does not depend on when it came in.
 * @param now ms since 1970
 */
export function placeOf(rollout: Rollout, deviceId: string, now: number): Place {
  const bucket = 100 * share(['ring', rollout.Name, deviceId]);
  const percent = rolloutPercentAt(rollout, now);
  return { bucket, percent, isIn: bucket < percent, variant: variantOf(rollout, deviceId) };
}

function variantOf({ Name, Variants }: Rollout, deviceId: string): string {
  const total = Variants.reduce((sum, { Weight }) => sum + Weight, 0);
  let at = total * share(['variant', Name, deviceId]);
  for (const variant of Variants) {
    at -= variant.Weight;
    if (at < 0) return variant.Name;
  }
  return Variants.at(-1)!.Name;
}

/** In [0, 1). */
function share(of: string[]): number {
  const digest = createHash('sha256').update(JSON.stringify(of)).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
