import type { EffectiveSettings, Rollout } from '@sluice/protocol';
import { useQuery } from '@tanstack/react-query';
import { askJson, withQuery } from './client.ts';

export type RolloutSettings = Rollout['Variants'][number]['Settings'];

async function rollouts(): Promise<Rollout[]> {
  return (await askJson<{ Rollouts: Rollout[] }>('/admin/rollouts')).Rollouts;
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
