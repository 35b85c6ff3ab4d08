import type { EffectiveSettings, Rollout } from '@sluice/protocol';
import { useQuery } from '@tanstack/react-query';
import { ApiError, askJson, withQuery } from './client.ts';

export type RolloutSettings = Rollout['Variants'][number]['Settings'];

/** Null: this cloud has no rollouts. */
async function rollouts(): Promise<Rollout[] | null> {
  try {
    return (await askJson<{ Rollouts: Rollout[] }>('/admin/rollouts')).Rollouts;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

export function useRollouts() {
  return useQuery({ queryKey: ['rollouts'], queryFn: rollouts, staleTime: 15_000 });
}

/** All of them: a later one is above an earlier one. */
export function setRollouts(all: Rollout[]): Promise<unknown> {
  return askJson('/admin/rollouts', { method: 'PUT', body: { Rollouts: all } });
}

export function effectiveSettings(device: string): Promise<EffectiveSettings> {
  return askJson(withQuery('/admin/settings/effective', { device }));
}

/** The percentage that holds at `now`: of the last stage whose time has come. */
export function percentOf({ Stages }: Rollout, now: number): number {
  const begun = Stages.filter(({ At }) => At === undefined || Date.parse(At) <= now);
  return begun.at(-1)?.Percent ?? 0;
}
