const etag = 'etag:';
const modified = 'modified:';

/**
 * What names this version of the object in an answer: `etag:"…"` for a strong ETag, else
 * `modified:` and the Last-Modified date as sent; undefined for neither.
 */
export function validatorOf(fields: ReadonlyMap<string, string>): string | undefined {
  return taggedEtag(fields) ?? taggedDate(fields);
}

/** Whether an answer shows another version than `known`. Silence and weak ETags tell nothing. */
export function contradicts(fields: ReadonlyMap<string, string>, known: string): boolean {
  const now = known.startsWith(etag) ? taggedEtag(fields) : taggedDate(fields);
  return now !== undefined && now !== known;
}

/** The value for If-Range; undefined when the text (of a journal, say) is no validator. */
export function ifRangeValue(validator: string): string | undefined {
  const fields = validator.startsWith(etag)
    ? new Map([['etag', validator.slice(etag.length)]])
    : new Map([['last-modified', validator.slice(modified.length)]]);
  const valid = validatorOf(fields) === validator;
  return valid ? validator.slice(validator.indexOf(':') + 1) : undefined;
}

function taggedEtag(fields: ReadonlyMap<string, string>): string | undefined {
  const value = fields.get('etag');
  return value !== undefined && /^"[\x21\x23-\x7e\x80-\xff]{0,1024}"$/.test(value)
    ? etag + value
    : undefined;
}

function taggedDate(fields: ReadonlyMap<string, string>): string | undefined {
  const value = fields.get('last-modified');
  return value !== undefined && /^[\x20-\x7e]{1,64}$/.test(value) ? modified + value : undefined;
}
