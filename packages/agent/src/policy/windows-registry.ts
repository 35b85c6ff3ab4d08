import { gatherHours, groupPolicyKey, type PolicyLayer } from '@sluice/protocol/policy';
import { runCommand } from '../host/run-command.ts';

/** Where MDM policies are stored (policies.md §1). */
const mdmKey = 'SOFTWARE\\Microsoft\\PolicyManager\\current\\device\\DeliveryOptimization';

/** Group Policy and MDM settings of Windows. A key that is not there is a layer without values. */
export function readRegistry(run = runCommand): Promise<PolicyLayer[]> {
  const layer = async (provider: 'GroupPolicy' | 'Mdm', key: string): Promise<PolicyLayer> => {
    const origin = `HKLM\\${key}`;
    // `reg` fails with 1 for a key that is not there, and tells nothing else.
    const text = await run('reg', ['query', origin]).catch(() => '');
    return { provider, origin, values: parseRegQuery(text) };
  };
  return Promise.all([layer('GroupPolicy', groupPolicyKey), layer('Mdm', mdmKey)]);
}

/** The values that `reg query` prints: name, type and data after four spaces each. */
export function parseRegQuery(text: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name, type, data = ''] = /^ {4}(\S.*?) {4}(REG_\w+)(?: {4}(.*))?$/.exec(line) ?? [];
    // `<Name>_ProviderSet` and `_WinningProvider` are MDM's own.
    if (!name || !/^(DO|Sluice)/i.test(name) || /_(ProviderSet|WinningProvider)$/i.test(name))
      continue;
    values[name] = type === 'REG_DWORD' || type === 'REG_QWORD' ? Number(data) : data;
  }
  return gatherHours(values);
}
