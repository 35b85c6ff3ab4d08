import type { AllowedSources, ContentPolicies } from '@sluice/protocol';

export const sourceNames: Record<keyof AllowedSources, string> = {
  Http: 'HTTP',
  P2P: 'peers',
  Cache: 'cache nodes',
};

/** What a rule can set, with units. */
export const policyLabels: Record<keyof ContentPolicies, string> = {
  ForegroundQosBps: 'Least speed in the foreground, bytes/s',
  BackgroundQosBps: 'Least speed in the background, bytes/s',
  MaxCacheAgeSecs: 'Kept and shared, seconds',
  ExpireAtSecsSinceEpoch: 'Expires, seconds since 1970',
  DownloadToExpire: 'DownloadToExpire, seconds: told only',
};

/** `MaxCacheAgeSecs=86400`, one a line. */
export function policiesText(policies: Partial<ContentPolicies>): string {
  return Object.entries(policies)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}

/** One a line; undefined: none. */
export function linesIn(form: FormData, name: string): string[] | undefined {
  const lines = String(form.get(name) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.length === 0 ? undefined : lines;
}
