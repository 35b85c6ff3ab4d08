import { sluiceError } from '@sluice/protocol';
import { basic, percentDecoded } from './basic.ts';

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
]);

/**
 * What of the caller's goes to other origins, too, after a redirect. Anything else may be a secret of one
 * origin, whatever its name (`PRIVATE-TOKEN`, `X-Api-Key`), and goes to no other.
 */
const harmless = new Set([
  'accept',
  'accept-language',
  'cache-control',
  'dnt',
  'ms-cv',
  'pragma',
  'priority',
  'referer',
  'x-request-id',
]);

/**
 * The caller's headers, checked, with Basic credentials made of the URL's user name and password.
 * @throws InvalidArgument for a reserved or malformed one.
 */
export function callerHeaders(
  url: URL,
  wanted: Readonly<Record<string, string>> = {},
): { headers: readonly Header[]; userAgent: string | undefined } {
  const checked = Object.entries(wanted).map(([name, value]): Header => {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) fail(name, 'is no valid header name');
    if (reserved.has(name.toLowerCase())) fail(name, 'is set by the source itself');
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) fail(name, 'has a character no header may have');
    return [name, value];
  });
  const given = (header: string) => checked.findLast(([n]) => n.toLowerCase() === header)?.[1];
  if ((url.username || url.password) && given('authorization') === undefined) {
    const pair = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
    checked.push(['Authorization', basic(pair)]);
  }
  if (given('accept') === undefined) checked.push(['Accept', '*/*']);
  const headers = checked.filter(([name]) => name.toLowerCase() !== 'user-agent');
  return { headers, userAgent: given('user-agent') };
}

/** Those that may go to an origin which is not the caller's own. */
export function withoutCredentials(headers: readonly Header[]): readonly Header[] {
  return headers.filter(([name]) => harmless.has(name.toLowerCase()));
}

function fail(name: string, detail: string): never {
  throw sluiceError('InvalidArgument', { name: `header ${JSON.stringify(name)}`, detail });
}
