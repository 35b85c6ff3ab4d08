import { policyNames, policySpec } from './catalogue.ts';
import type { PolicyValue } from './policy-spec.ts';
import { type PolicyProvider, providerTexts } from './providers.ts';
import type { ResolvedPolicies } from './resolve.ts';

/** One setting as programs on this device see it. */
export interface SettingView {
  Name: string;
  /** Null: not set. */
  Value: PolicyValue | null;
  Provider: PolicyProvider;
  /** Number of the provider in Get-DOConfig. */
  ProviderId: number;
  /** The file, key or address that it comes from. */
  Origin: string;
  /** Whether Sluice acts on it. */
  Acts: boolean;
}

/** A value that was not taken. */
export interface ProblemView {
  Name: string | null;
  Value: string | null;
  Provider: PolicyProvider;
  Origin: string;
  Reason: string;
}

/** All settings in force, and what was not taken: what `GET /v1/settings` answers. */
export interface SettingsView {
  Settings: SettingView[];
  Problems: ProblemView[];
}

export function settingsView({ settings, sources, problems }: ResolvedPolicies): SettingsView {
  return {
    Settings: policyNames.map((name) => ({
      Name: name,
      Value: settings[name] ?? null,
      Provider: sources[name].provider,
      ProviderId: providerTexts[sources[name].provider].id,
      Origin: sources[name].origin,
      Acts: policySpec(name).state === 'acts',
    })),
    Problems: problems.map(({ name, value, provider, origin, reason }) => ({
      Name: name ?? null,
      Value: value ?? null,
      Provider: provider,
      Origin: origin,
      Reason: reason,
    })),
  };
}
