import { sluiceError } from '@sluice/protocol';

/**
 * The URL by which a Connected Cache node serves the content of `url` (workflow.md §8):
 * `http://<cache host>/<path>?<query>&cacheHostOrigin=<host[:port]>`, the same for https content:
 * which scheme it fetches by is the node's affair.
 * @throws InvalidArgument
 */
export function cacheUrl(cacheHost: string, url: string): string {
  const origin = URL.parse(url);
  if (!origin || !/^https?:$/.test(origin.protocol)) {
    throw sluiceError('InvalidArgument', { name: 'url', detail: 'is not an http or https URL' });
  }
  const node = URL.parse(`http://${cacheHost}/`);
  if (!node || !/^[^\s/?#@\\]+$/.test(cacheHost)) {
    const name = `cache host ${JSON.stringify(cacheHost)}`;
    throw sluiceError('InvalidArgument', { name, detail: 'must be host or host:port' });
  }
  const query = origin.search ? `${origin.search}&` : '?';
  return `${node.origin}${origin.pathname}${query}cacheHostOrigin=${origin.host}`;
}
