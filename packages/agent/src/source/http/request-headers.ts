import { sluiceError } from '@sluice/protocol';

type Header = readonly [name: string, value: string];

/** What this source says itself, or what would change the message around the body. */
const reserved = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'keep-alive',
  'range',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);

/** These name the caller to one origin and go to no other. */
const credentials = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * The caller's headers, checked, with Basic credentials made of the URL's user name and password.
 * @throws InvalidArgument for a reserved or malformed one.
 */
export function callerHeaders(
  url: URL,
  headers: Readonly<Record<string, string>>,
): readonly Header[] {
  const checked = Object.entries(headers).map(([name, value]): Header => {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) fail(name, 'is no valid header name');
    if (reserved.has(name.toLowerCase())) fail(name, 'is set by the source itself');
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) fail(name, 'has a character no header may have');
    return [name, value];
  });
  const given = checked.some(([name]) => name.toLowerCase() === 'authorization');
  if ((url.username || url.password) && !given) {
    const pair = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
    checked.push(['Authorization', `Basic ${Buffer.from(pair).toString('base64')}`]);
  }
  return checked;
}

/** Those that may go to an origin which is not the caller's own. */
export function withoutCredentials(headers: readonly Header[]): readonly Header[] {
  return headers.filter(([name]) => !credentials.has(name.toLowerCase()));
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A stray % stands for itself.
  }
}

function fail(name: string, detail: string): never {
  throw sluiceError('InvalidArgument', { name: `header ${JSON.stringify(name)}`, detail });
}
