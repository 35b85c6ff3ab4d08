import { isSluiceError, sluiceError } from '@sluice/protocol';
import { askAdmin } from './post-content.ts';

/** What the cloud has of a content. */
export interface KnownContent {
  hashOfHashes: string;
  urls: string[];
  /** Whose devices it is for, none: everybody's; undefined: the cloud does not say. */
  tenants: string[] | undefined;
}

/** `GET /admin/content/ID`. @returns undefined when there is none. @throws as `askAdmin` */
export async function knownContent(
  cloudUrl: string,
  token: string,
  contentId: string,
  signal: AbortSignal,
): Promise<KnownContent | undefined> {
  const path = `/admin/content/${encodeURIComponent(contentId)}`;
  try {
    return knownOf(await askAdmin(cloudUrl, token, { method: 'GET', path }, signal));
  } catch (error) {
    if (isSluiceError(error, 'ServiceRefused') && error.params.status === 404) return undefined;
    throw error;
  }
}

function knownOf(json: unknown): KnownContent {
  const { HashOfHashes, Urls, Tenants } = (json ?? {}) as Record<string, unknown>;
  if (typeof HashOfHashes === 'string' && isTexts(Urls)) {
    return {
      hashOfHashes: HashOfHashes,
      urls: Urls,
      tenants: isTexts(Tenants) ? Tenants : undefined,
    };
  }
  throw sluiceError('ServiceInvalidReply', { service: 'the cloud', detail: 'no content in it' });
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
