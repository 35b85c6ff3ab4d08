import { DoError, hresults } from './do-error.ts';

const allowed = "[A-Za-z0-9\\-._~!$&'()*+,;=:@%]";
/** RFC 3986 by its classes of characters: scheme, authority, path, query, fragment. */
const uri = new RegExp(
  `^https?://(?:${allowed}*@)?(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9\\-._~!$&'()*+,;=%]+)(?::[0-9:]*)?` +
    `(?:/(?:${allowed}|/)*)?(?:\\?(?:${allowed}|[/?])*)?(?:#(?:${allowed}|[/?])*)?$`,
  'i',
);

/** What `create` takes: that a port is none shows only at the start. @throws DoError invalidUrl */
export function checkUri(text: string): void {
  if (!uri.test(text)) throw new DoError(hresults.invalidUrl, 'not an http or https URL');
}
