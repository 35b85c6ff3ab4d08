import type { Rollout } from '../services/rollouts.ts';

/**
 * How many devices of a hundred a rollout reaches: what its stage whose time came last says; a stage without a time
 * holds from the beginning. While it is paused it stays as it was then.
 * @param now ms since 1970
 */
export function rolloutPercentAt(
  { Stages, PausedAt }: Pick<Rollout, 'Stages' | 'PausedAt'>,
  now: number,
): number {
  const until = PausedAt === undefined ? now : Math.min(now, Date.parse(PausedAt));
  let found = { at: Number.NEGATIVE_INFINITY, percent: 0 };
  for (const { At, Percent: percent } of Stages) {
    const at = At === undefined ? Number.NEGATIVE_INFINITY : Date.parse(At);
    if (at <= until && at >= found.at) found = { at, percent };
  }
  return found.percent;
}
