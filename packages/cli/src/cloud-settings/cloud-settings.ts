import { sluiceError } from '@sluice/protocol';
import { checkGivenSettings, knownPolicyName } from '@sluice/protocol/policy';
import type { CloudSettingsOptions } from '../commands/cloud-settings.ts';
import { listenForStop } from '../process/stop-signal.ts';
import { findAdminToken } from '../publish/admin-token.ts';
import { askAdmin } from '../publish/post-content.ts';
import { print, printJson } from '../terminal/print.ts';

const path = '/admin/settings';

/** `sluice cloud-settings`. @throws InvalidArgument, as `askAdmin` */
export async function cloudSettings(
  values: Record<string, string>,
  { cloud, forced, unset = [], tokenFile, json }: CloudSettingsOptions,
): Promise<void> {
  // Told here, with the name that was typed, before anybody is asked.
  checkGivenSettings(values);
  const taken = Object.fromEntries(unset.map((name) => [knownPolicyName(name), null]));
  const changes = { ...values, ...taken };
  const token = await findAdminToken(cloud, tokenFile);
  using stop = listenForStop();
  const isChange = Object.keys(changes).length > 0;
  const kind = forced ? 'Forced' : 'Default';
  const asked = isChange
    ? ({ method: 'PATCH', path, body: { [kind]: changes } } as const)
    : ({ method: 'GET', path } as const);
  const view = await askAdmin(cloud, token, asked, stop.signal);
  if (json) printJson(view);
  else for (const line of linesOf(view)) print(line);
}

function linesOf(view: unknown): string[] {
  const { Default, Forced, Problems } = (view ?? {}) as Record<string, unknown>;
  if (!isObject(Default) || !isObject(Forced) || !Array.isArray(Problems)) {
    const detail = 'no device settings';
    throw sluiceError('ServiceInvalidReply', { service: 'the cloud', detail });
  }
  const lines = [
    ...Object.entries(Forced).map(([name, value]) => `${name}=${value}  forced`),
    ...Object.entries(Default).map(([name, value]) => `${name}=${value}`),
    ...Problems.map((p) => `not taken: ${[p?.Kind, p?.Name, p?.Reason].filter(Boolean).join(' ')}`),
  ];
  return lines.length > 0 ? lines : ['the cloud sets nothing'];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
