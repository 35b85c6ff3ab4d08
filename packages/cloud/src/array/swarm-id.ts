import { sluiceError } from '@sluice/protocol';
import { contentUrl } from '../catalogue/content-url.ts';

/**
 * The swarm a request means: that of the ContentId, else that of the content's URL. The two kinds
 * cannot be mixed up.
 * @throws RequestInvalid when it names none
 */
export function swarmIdOf(request: { ContentId?: string; AltCatalogId?: string }): string {
  if (request.ContentId) return `id:${request.ContentId}`;
  const url = contentUrl(request.AltCatalogId ?? '');
  if (url === undefined) {
    throw sluiceError('RequestInvalid', {
      detail: 'neither a ContentId nor a URL as AltCatalogId',
    });
  }
  return `url:${url}`;
}
