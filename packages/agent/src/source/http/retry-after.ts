const longest = 24 * 60 * 60 * 1000;

/**
 * Milliseconds that `Retry-After` asks for, at most a day. A date is read against the answer's own
 * `Date`, so that a wrong clock on this side does no harm; without that it is ignored.
 */
export function retryAfterMs(fields: ReadonlyMap<string, string>): number | undefined {
  const value = fields.get('retry-after');
  if (value === undefined) return undefined;
  const ms = /^\d{1,10}$/.test(value)
    ? Number(value) * 1000
    : parseDate(value) - parseDate(fields.get('date'));
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), longest) : undefined;
}

function parseDate(text: string | undefined): number {
  return text !== undefined && / GMT$/.test(text) ? Date.parse(text) : Number.NaN;
}
