import { useQuery } from '@tanstack/react-query';
import { ApiError, askJson, withQuery } from './client.ts';
import type { SettingKind } from './settings.ts';

export type RolloutSettings = Record<string, string | number | null>;

/** Settings for a part of the devices. */
export interface Rollout {
  Name: string;
  Kind: SettingKind;
  /** So many devices of a hundred from that time on. */
  Stages: { At?: string; Percent: number }[];
  /** Its devices are shared out among them by weight. */
  Variants: { Name: string; Weight: number; Settings: RolloutSettings }[];
}

/** What the cloud sets on one device, and why. */
export interface EffectiveSettings {
  Settings: {
    Name: string;
    Value: string | number;
    Kind: SettingKind;
    Rollout: string | null;
    Variant: string | null;
  }[];
  Rollouts: {
    Name: string;
    Bucket: number | null;
    Percent: number;
    IsIn: boolean;
    Variant: string | null;
  }[];
}

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
