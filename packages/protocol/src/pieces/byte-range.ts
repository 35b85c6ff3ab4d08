/** Bytes `start` up to, not including, `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/** The value of a `Range` header for one range (RFC 9110 §14.2). */
export function formatRange(r: ByteRange): string {
  return `bytes=${r.start}-${r.end - 1}`;
}

/** The value of a `Content-Range` header (RFC 9110 §14.4). */
export function formatContentRange(r: ByteRange, total: number): string {
  return `bytes ${r.start}-${r.end - 1}/${total}`;
}

/** Reads `Content-Range: bytes a-b/total`; `total` is undefined for `*`. Undefined if it is not of that form. */
export function parseContentRange(
  header: string,
): (ByteRange & { total: number | undefined }) | undefined {
  const match = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(header.trim());
  if (!match) return undefined;
  const start = Number(match[1]);
  const end = Number(match[2]) + 1;
  const total = match[3] === '*' ? undefined : Number(match[3]);
  if (end <= start || !Number.isSafeInteger(end)) return undefined;
  if (total !== undefined && (end > total || !Number.isSafeInteger(total))) return undefined;
  return { start, end, total };
}

/** More ranges than this in one header are ignored as an attack (RFC 9110 §14.2 allows it). */
const maxRanges = 64;

/**
 * Reads a `Range` header against a body of `total` bytes.
 * @returns the satisfiable ranges in the order asked; `'unsatisfiable'` (answer 416) when it is well
 *   formed but none fits; undefined when the header must be ignored (other unit, malformed, too many).
 */
export function parseRange(
  header: string,
  total: number,
): ByteRange[] | 'unsatisfiable' | undefined {
  const match = /^bytes=(.+)$/i.exec(header.trim());
  if (!match) return undefined;
  const specs = match[1]!.split(',');
  if (specs.length > maxRanges) return undefined;
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const parsed = parseSpec(spec.trim(), total);
    if (parsed === undefined) return undefined;
    if (parsed !== 'unsatisfiable') ranges.push(parsed);
  }
  return ranges.length > 0 ? ranges : 'unsatisfiable';
}

function parseSpec(spec: string, total: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^(\d{0,16})-(\d{0,16})$/.exec(spec);
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  if (match[1] === '') {
    const suffix = Number(match[2]);
    if (suffix === 0 || total === 0) return 'unsatisfiable';
    return { start: Math.max(0, total - suffix), end: total };
  }
  const start = Number(match[1]);
  const last = match[2] === '' ? total - 1 : Number(match[2]);
  if (match[2] !== '' && last < start) return undefined;
  if (start >= total) return 'unsatisfiable';
  return { start, end: Math.min(last + 1, total) };
}
