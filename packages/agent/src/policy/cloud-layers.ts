import type { KeyValueReply } from '@sluice/protocol';
import { type PolicyLayer, policyNames } from '@sluice/protocol/policy';

/** The key with the names of the settings that the cloud enforces; the others are its defaults. */
const forcedKey = 'Sluice_ForcedSettings';

/** The settings in a key-value reply, under their DO names (wire.md §3.2). All else in it is none. */
export function cloudLayers(reply: KeyValueReply, origin: string): PolicyLayer[] {
  const all = reply as Readonly<Record<string, unknown>>;
  const list = all[forcedKey];
  const forced = new Set<unknown>(Array.isArray(list) ? list : []);
  const given = policyNames.filter((name) => Object.hasOwn(all, name));
  const layer = (provider: PolicyLayer['provider'], names: readonly string[]): PolicyLayer => ({
    provider,
    origin,
    values: Object.fromEntries(names.map((name) => [name, all[name]])),
  });
  return [
    layer(
      'CloudForced',
      given.filter((name) => forced.has(name)),
    ),
    layer(
      'CloudDefault',
      given.filter((name) => !forced.has(name)),
    ),
  ];
}
