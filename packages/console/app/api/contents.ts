import type { PublishReply, PublishRequest } from '@sluice/protocol';
import { ApiError, askJson, withQuery } from './client.ts';

/** A content as `GET /admin/content` has it. */
export interface Content {
  ContentId: string;
  HashOfHashes: string;
  /** Bytes. */
  ContentLength: number;
  PieceSize: number;
  Urls: string[];
  Policies: Record<string, unknown>;
}

export interface ContentPage {
  Contents: Content[];
  Next: string | null;
}

/** One content, and whose devices it is for; none: everybody's. */
type OneContent = Content & { Tenants: string[] };

export function contentsAfter(after: string | undefined): Promise<ContentPage> {
  return askJson(withQuery('/admin/content', { limit: 100, after }));
}

/** The end of the path of its first URL: what people know a content by. */
export function nameOf({ Urls, ContentId }: Pick<Content, 'Urls' | 'ContentId'>): string {
  const path = URL.parse(Urls[0] ?? '')?.pathname ?? '';
  const last = path.split('/').filter(Boolean).at(-1);
  return last === undefined ? ContentId : decoded(last);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Null: it is not published, or not any more. */
export async function contentById(contentId: string): Promise<OneContent | null> {
  try {
    return await askJson<OneContent>(`/admin/content/${encodeURIComponent(contentId)}`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

export function publish(request: PublishRequest): Promise<PublishReply> {
  return askJson('/admin/content', { method: 'POST', body: request });
}

export function removeContent(contentId: string): Promise<void> {
  return askJson(`/admin/content/${encodeURIComponent(contentId)}`, { method: 'DELETE' });
}
