/**
 * The third face of the package: the settings of Delivery Optimization as data, what is in force of
 * them and who set it, and the formats they come in. Apart from the first so that only what needs them
 * loads them.
 * @module
 */
export {
  defaultSettings,
  type PolicyName,
  type PolicySettings,
  policyCatalogue,
  policyNameOf,
  policyNames,
  policySpec,
} from './catalogue.ts';
export { type Checked, checkPolicyValue, choicesText, hostsIn } from './check-value.ts';
export { configSchema } from './config-schema.ts';
export { gatherHours } from './formats/gather-hours.ts';
export { parseGraphJson } from './formats/graph-json.ts';
export { type PolicyFile, parsePolicyFile } from './formats/parse-policy-file.ts';
export { groupPolicyKey, parseRegistryPol } from './formats/registry-pol.ts';
export { hoursText, percentAt } from './limited-hours.ts';
export type { LimitedHours, PolicyForm, PolicySpec, PolicyValue } from './policy-spec.ts';
export { type PolicyProvider, policyProviders, providerTexts } from './providers.ts';
export {
  checkGivenSettings,
  type GivenSettings,
  knownPolicyName,
  readSettings,
} from './read-settings.ts';
export {
  type PolicyLayer,
  type PolicyProblem,
  type PolicySource,
  type ResolvedPolicies,
  resolvePolicies,
} from './resolve.ts';
export { rolloutPercentAt } from './rollout-percent.ts';
export {
  type ProblemView,
  type SettingsView,
  type SettingView,
  settingsView,
} from './settings-view.ts';
export { defaultText, rangeText, valueText } from './texts.ts';
