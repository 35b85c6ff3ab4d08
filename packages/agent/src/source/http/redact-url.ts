const maxLength = 300;
/** Query parameters that are names of hosts, never secrets. */
const harmless = new Set(['cacheHostOrigin']);

/**
 * The URL as people and logs may see it: no user name, no password, no query values (signed URLs
 * carry their secret there, under any name), and not endlessly long.
 */
export function redactUrl(url: URL): string {
  const query = url.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '')
    .map(redactParameter)
    .join('&');
  const text = url.origin + url.pathname + (query && `?${query}`);
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

function redactParameter(part: string): string {
  const equals = part.indexOf('=');
  // A query without names may be one secret.
  if (equals < 0) return '***';
  const name = part.slice(0, equals);
  return harmless.has(name) ? part : `${name}=***`;
}
