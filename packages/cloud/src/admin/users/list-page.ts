/** Where a list goes on, and how far. */
export interface Page {
  after: string | undefined;
  limit: number;
}

export interface PageQuery {
  limit?: string;
  after?: string;
}

const maxPage = 500;
const defaultPage = 100;

/** Of the query of a list; what is in `properties` may be asked beside it. */
export const pageQuery = (properties: object = {}) => ({
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,2}$' },
    after: { type: 'string', pattern: '^[^\\u0000-\\u001f\\u007f]{0,1024}$' },
    ...properties,
  },
});

export function pageOf({ limit, after }: PageQuery): Page {
  return { after, limit: Math.min(maxPage, Number(limit ?? defaultPage)) };
}

/** What to give as `after` for what comes behind: a full page may have more behind it. */
export function nextOf<T>(found: T[], { limit }: Page, name: (last: T) => string): string | null {
  return found.length === limit ? name(found.at(-1)!) : null;
}
