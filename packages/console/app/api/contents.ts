import { askJson, withQuery } from './client.ts';

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

/** The one with this id, undefined when there is none: the list is in the order of ids. */
export async function contentById(contentId: string): Promise<Content | null> {
  let after: string | undefined;
  do {
    const page = await contentsAfter(after);
    const found = page.Contents.find((content) => content.ContentId === contentId);
    if (found) return found;
    after = page.Next ?? undefined;
  } while (after !== undefined && after < contentId);
  return null;
}
