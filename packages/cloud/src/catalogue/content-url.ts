/**
 * The spelling of a content's URL by which it is stored and looked up: host in lower case, default
 * port left out, no fragment, dots in the path resolved; path and query otherwise exactly as given, so
 * two URLs that differ in a query parameter are two contents.
 * @returns undefined when it is no http(s) URL, or one with user name or password.
 */
export function contentUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  if (url.username || url.password) return undefined;
  url.hash = '';
  return url.href;
}
