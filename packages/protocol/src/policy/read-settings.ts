import { sluiceError } from '../errors/index.ts';
import type { PolicySettings } from './catalogue.ts';
import { defaultSettings, type PolicyName, policyNameOf, policySpec } from './catalogue.ts';
import { checkPolicyValue } from './check-value.ts';
import type { PolicyValue } from './policy-spec.ts';

/** Settings as they come from outside: by name, numbers also as text. */
export type GivenSettings = Readonly<Record<string, PolicyValue>>;

/**
 * Checks settings that somebody gives who can be told at once, as on a command line.
 * @throws InvalidArgument
 */
export function checkGivenSettings(given: GivenSettings): Partial<Record<PolicyName, PolicyValue>> {
  const values: Partial<Record<PolicyName, PolicyValue>> = {};
  for (const [spelling, value] of Object.entries(given)) {
    const name = knownPolicyName(spelling);
    if (name in values) {
      throw invalid(spelling, `it is the same setting as ${name}, given twice`);
    }
    const checked = checkPolicyValue(policySpec(name), value);
    if ('reason' in checked) throw invalid(spelling, checked.reason);
    values[name] = checked.value;
  }
  return values;
}

/** The same, with the defaults for those not given. @throws InvalidArgument */
export function readSettings(given: GivenSettings = {}): PolicySettings {
  return { ...defaultSettings, ...checkGivenSettings(given) } as PolicySettings;
}

/** @throws InvalidArgument */
export function knownPolicyName(spelling: string): PolicyName {
  const name = policyNameOf(spelling);
  if (name) return name;
  throw invalid(
    spelling.slice(0, 60),
    'there is no such setting; `sluice policy list` shows all there are',
  );
}

function invalid(name: string, detail: string): Error {
  return sluiceError('InvalidArgument', { name, detail });
}
