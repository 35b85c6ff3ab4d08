const part =
  /^(?:DO)?(SetHoursToLimit(?:Background|Foreground)DownloadBandwidth)_?(From|To|In|Out)$/i;

/**
 * Puts together business hours that came in four values, as the registry and ADMX-backed policies have
 * them (policies.md §9): `DOSetHoursToLimit…_From` and so on. All else stays.
 */
export function gatherHours(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const gathered: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const [, setting, which] = part.exec(name) ?? [];
    if (setting === undefined || which === undefined) {
      gathered[name] = value;
      continue;
    }
    const key = `DO${setting}`;
    const known = gathered[key];
    const hours = typeof known === 'object' && known !== null ? known : {};
    gathered[key] = { ...hours, [which]: value };
  }
  return gathered;
}
