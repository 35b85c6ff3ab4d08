/** Bytes that `Content-Length` states; undefined when it is missing or no such number. */
export function statedLength(fields: ReadonlyMap<string, string>): number | undefined {
  const text = fields.get('content-length') ?? '';
  const length = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(length) ? length : undefined;
}
