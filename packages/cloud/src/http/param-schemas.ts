import { maxContentIdLength } from '@sluice/protocol/schemas';

/** What has control characters names nothing, and PostgreSQL fails at a NUL. */
const printable = '^[^\\u0000-\\u001f\\u007f]*$';
export const printableText = (maxLength: number) => ({
  ...{ type: 'string', pattern: printable },
  maxLength,
});
export const idText = printableText(128);
const contentIdText = printableText(maxContentIdLength);

export const paramsOf = (properties: Record<string, object>) => ({ type: 'object', properties });
export const idParams = paramsOf({ id: idText });
export const nameParams = paramsOf({ name: idText });
/** The id may be empty where a content is known by its URL only. */
export const contentIdParams = paramsOf({ contentId: contentIdText });
