import { sluiceError } from '../../errors/index.ts';
import { gatherHours } from './gather-hours.ts';
import { groupIdSources, hourFields, innerFields, plainFields, wordFields } from './graph-names.ts';
import { payloadValue, settingOfUri } from './oma-uri.ts';

type Json = Record<string, unknown>;

const daySeconds = 86_400;
const catalogPrefix = 'device_vendor_msft_policy_config_deliveryoptimization_';
/** Nested choices of the settings catalog. */
const maxDepth = 8;

/**
 * Settings in JSON, unchecked, in any form that Intune and Graph export: a Delivery Optimization profile,
 * a custom profile of OMA-URIs, a settings catalog policy; or simply an object by setting name.
 * @throws PolicyFileInvalid
 */
export function parseGraphJson(text: string, file: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw sluiceError('PolicyFileInvalid', { file, detail: 'not JSON' }, { cause });
  }
  if (!isObject(json)) throw sluiceError('PolicyFileInvalid', { file, detail: 'no JSON object' });
  if (Array.isArray(json.omaSettings)) return omaSettings(json.omaSettings);
  if (Array.isArray(json.settings)) return catalogSettings(json.settings);
  if (isProfile(json)) return profile(json);
  const { $schema: _, ...values } = json;
  return gatherHours(values);
}

function isProfile(json: Json): boolean {
  const type = json['@odata.type'];
  return typeof type === 'string' && /windowsDeliveryOptimizationConfiguration$/.test(type);
}

function omaSettings(settings: unknown[]): Json {
  const values: Json = {};
  for (const setting of settings.filter(isObject)) {
    const name = settingOfUri(String(setting.omaUri ?? ''));
    const { value } = setting;
    if (name) values[name] = typeof value === 'string' ? payloadValue(value) : value;
  }
  return gatherHours(values);
}

function profile(json: Json): Json {
  const values: Json = {};
  for (const [field, name] of Object.entries(plainFields)) values[name] = json[field];
  for (const [field, [name, words]] of Object.entries(wordFields)) {
    values[name] = words[String(json[field])];
  }
  const days = json.maximumCacheAgeInDays;
  if (typeof days === 'number') values.DOMaxCacheAge = days * daySeconds;
  const inner = [json.bandwidthMode, json.maximumCacheSize].filter(isObject);
  for (const object of inner) {
    for (const [field, name] of Object.entries(innerFields)) values[name] ??= object[field];
    for (const [field, name] of Object.entries(hourFields)) values[name] ??= hours(object[field]);
  }
  if (isObject(json.groupIdSource)) {
    values.DOGroupId = json.groupIdSource.groupIdCustom;
    values.DOGroupIdSource = groupIdSources[String(json.groupIdSource.groupIdSourceOption)];
  }
  return defined(values);
}

function hours(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  return {
    From: value.bandwidthBeginBusinessHours,
    To: value.bandwidthEndBusinessHours,
    In: value.bandwidthPercentageDuringBusinessHours,
    Out: value.bandwidthPercentageOutsideBusinessHours,
  };
}

/** The settings catalog names settings and choices in lower case: `…_dodownloadmode_2`. */
function catalogSettings(settings: unknown[]): Json {
  const values: Json = {};
  const add = (instance: unknown, depth: number): void => {
    if (!isObject(instance) || depth > maxDepth) return;
    const id = String(instance.settingDefinitionId ?? '').toLowerCase();
    const choice = instance.choiceSettingValue;
    const simple = instance.simpleSettingValue;
    if (id.startsWith(catalogPrefix)) {
      const name = id.slice(catalogPrefix.length);
      if (isObject(simple)) values[name] = simple.value;
      // A choice that carries others ("enabled") has no number of its own.
      const number = isObject(choice) && /_(\d+)$/.exec(String(choice.value))?.[1];
      if (number && !hasChildren(choice)) values[name] = number;
    }
    if (hasChildren(choice)) for (const child of choice.children) add(child, depth + 1);
  };
  for (const setting of settings.filter(isObject)) add(setting.settingInstance, 0);
  return gatherHours(shortened(values));
}

/** Elements of an ADMX-backed policy repeat its name: `dosethours…_sethours…from`. */
function shortened(values: Json): Json {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name.replace(/^\w*_(?=sethours)/, ''), value]),
  );
}

function hasChildren(choice: unknown): choice is { children: unknown[] } {
  return isObject(choice) && Array.isArray(choice.children) && choice.children.length > 0;
}

function defined(values: Json): Json {
  return Object.fromEntries(
    Object.entries(values).filter(([, v]) => v !== undefined && v !== null),
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
