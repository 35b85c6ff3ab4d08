/** An object as PowerShell lists it: `Name : value`, one a line. Nested objects are left out. */
export function propertyList(object: object): string {
  const entries = Object.entries(object).filter(
    ([, value]) => typeof value !== 'object' || value === null,
  );
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)} : ${value ?? ''}`).join('\n');
}
