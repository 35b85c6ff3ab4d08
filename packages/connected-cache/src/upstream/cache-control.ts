/** Directives of a Cache-Control header, names in lower case, `''` for those without a value. */
export type CacheControl = ReadonlyMap<string, string>;

/** Reads Cache-Control (RFC 9111 §5.2); of a repeated directive the first counts. */
export function parseCacheControl(text: string): CacheControl {
  const directives = new Map<string, string>();
  for (const match of text.matchAll(/([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,]*)))?/g)) {
    const name = match[1]!.toLowerCase();
    if (!directives.has(name)) directives.set(name, match[2] ?? match[3] ?? '');
  }
  return directives;
}

/** The value of a directive in seconds: 0 when it is there but malformed, undefined when absent. */
export function seconds(directives: CacheControl, name: string): number | undefined {
  const value = directives.get(name);
  if (value === undefined) return undefined;
  return /^\d{1,10}$/.test(value) ? Number(value) : 0;
}
