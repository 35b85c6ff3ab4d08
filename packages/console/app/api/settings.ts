import { askJson } from './client.ts';

export type SettingKind = 'Default' | 'Forced';

/** What the cloud sets on devices, as `GET /admin/settings` has it. */
export interface DeviceSettings {
  Default: Record<string, string | number>;
  Forced: Record<string, string | number>;
  Problems: { Kind: SettingKind | null; Name: string | null; Reason: string }[];
}

export function deviceSettings(): Promise<DeviceSettings> {
  return askJson('/admin/settings');
}

/** @param value null takes the setting away */
export function changeSetting(
  kind: SettingKind,
  name: string,
  value: string | number | null,
): Promise<DeviceSettings> {
  const other = kind === 'Default' ? 'Forced' : 'Default';
  // It stands in one of the two: what is forced needs no default.
  const body =
    value === null
      ? { [kind]: { [name]: null } }
      : { [kind]: { [name]: value }, [other]: { [name]: null } };
  return askJson('/admin/settings', { method: 'PATCH', body });
}
