import {
  defaultSettings,
  type PolicyName,
  type PolicySettings,
  policyNameOf,
  policyNames,
  policySpec,
} from './catalogue.ts';
import { checkPolicyValue, short } from './check-value.ts';
import type { PolicyValue } from './policy-spec.ts';
import { type PolicyProvider, policyProviders } from './providers.ts';

/** Settings as a layer takes them are bounded: nobody sets more than there are. */
const maxGiven = 1_000;
/** Problems that are told; what makes more is broken as a whole. */
const maxProblems = 100;

/** What one place says, unchecked: values by setting name, or what is wrong with the place. */
export interface PolicyLayer {
  provider: PolicyProvider;
  /** Where it was read, for people: a path, a registry key, an address. */
  origin: string;
  values: Readonly<Record<string, unknown>>;
  /** Why the place itself cannot be read, if it cannot. */
  fault?: string | undefined;
}

/** A value that was not taken, and why; the next provider's holds in its place. */
export interface PolicyProblem {
  provider: PolicyProvider;
  origin: string;
  /** The setting as it was spelt; undefined when the place as a whole is at fault. */
  name: string | undefined;
  /** Cut short. */
  value: string | undefined;
  reason: string;
}

/** Where a value in force comes from. */
export interface PolicySource {
  provider: PolicyProvider;
  origin: string;
}

export interface ResolvedPolicies {
  settings: PolicySettings;
  sources: Readonly<Record<PolicyName, PolicySource>>;
  problems: readonly PolicyProblem[];
}

const builtIn: PolicySource = { provider: 'Default', origin: 'built in' };

/**
 * What is in force: for each setting the value of the highest provider whose value is right; of several
 * places of one provider the first given. A wrong value is a problem that is told, and nothing else.
 */
export function resolvePolicies(layers: readonly PolicyLayer[]): ResolvedPolicies {
  const problems: PolicyProblem[] = [];
  const settings: Partial<Record<PolicyName, PolicyValue | undefined>> = { ...defaultSettings };
  const sources = Object.fromEntries(policyNames.map((name) => [name, builtIn]));
  for (const provider of policyProviders) {
    for (const layer of layers) {
      if (layer.provider !== provider) continue;
      const problem = (reason: string, name?: string, value?: unknown) => {
        if (problems.length >= maxProblems) return;
        const shown = value === undefined ? undefined : short(textOf(value));
        problems.push({ provider, origin: layer.origin, name, value: shown, reason });
      };
      if (layer.fault !== undefined) problem(layer.fault);
      for (const [name, value] of rightValues(layer, problem)) {
        if (sources[name] !== builtIn) continue;
        settings[name] = value;
        sources[name] = { provider, origin: layer.origin };
      }
    }
  }
  return {
    settings: settings as PolicySettings,
    sources: sources as Record<PolicyName, PolicySource>,
    problems,
  };
}

function rightValues(
  { values }: PolicyLayer,
  problem: (reason: string, name: string, value: unknown) => void,
): Map<PolicyName, PolicyValue> {
  const right = new Map<PolicyName, PolicyValue>();
  for (const [spelling, given] of Object.entries(values).slice(0, maxGiven)) {
    if (given === undefined || given === null) continue;
    const name = policyNameOf(spelling);
    if (!name) {
      problem('there is no such setting', short(spelling), given);
      continue;
    }
    const checked = checkPolicyValue(policySpec(name), given);
    if ('reason' in checked) problem(checked.reason, name, given);
    else if (right.has(name)) problem(`the same setting as ${name}, given twice`, spelling, given);
    else right.set(name, checked.value);
  }
  return right;
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
