import { type ByteRange, parseContentRange, sluiceError } from '@sluice/protocol';
import type { KnownObject } from './known-object.ts';
import type { WireAnswer } from './wire/answer.ts';

/** An answer whose body is bytes of the object. */
export interface ObjectBody {
  readonly answer: WireAnswer;
  /** As errors may show where it came from. */
  readonly label: string;
  /** Where in the object its bytes lie; `end` is Infinity when only the end of the body will tell. */
  readonly range: ByteRange;
  /** The source sent the whole object (status 200). */
  readonly whole: boolean;
}

/** A part that goes on elsewhere must be worth its request. */
const smallestPart = 65_536;

/**
 * Checks a 200 or 206 answer: that it is plain bytes, the range that was asked, and of the object known.
 * @param asked undefined when the request named no range.
 * @param path of the URL that the caller asked for.
 * @throws SourceEncoded, SourceChanged, SourceMalformed.
 */
export function objectBody(
  answer: WireAnswer,
  asked: ByteRange | undefined,
  object: KnownObject,
  label: string,
  path: string,
): ObjectBody {
  const encoding = answer.fields.get('content-encoding');
  if (encoding && encoding.toLowerCase() !== 'identity' && !isStoredSo(encoding, path)) {
    throw sluiceError('SourceEncoded', { url: label, encoding, retryable: false });
  }
  const { fields, status, bodyLeft } = answer;
  if (status === 200) {
    object.meet(fields, bodyLeft, label);
    const end = bodyLeft ?? Number.POSITIVE_INFINITY;
    return { answer, label, range: { start: 0, end }, whole: true };
  }
  const range = parseContentRange(fields.get('content-range') ?? '');
  const fault = !asked ? 'a part was not asked for' : partFault(range, asked, bodyLeft);
  // The object may have shrunk or grown: that is the better message.
  if (range) object.meet(fields, range.total, label);
  if (fault || !range) {
    throw sluiceError('SourceMalformed', { url: label, detail: fault, retryable: true });
  }
  return { answer, label, range: { start: range.start, end: range.end }, whole: false };
}

/**
 * Many servers call the archive itself an encoding: `x.tar.gz` comes as gzip-encoded x.tar. The bytes
 * are those of the file that was asked for all the same.
 */
function isStoredSo(encoding: string, path: string): boolean {
  return endings[encoding.trim().toLowerCase()]?.test(path) ?? false;
}

const gzip = /\.(gz|tgz|taz|svgz|gzip)$/i;
const endings: Record<string, RegExp> = {
  gzip,
  'x-gzip': gzip,
  br: /\.br$/i,
  zstd: /\.(zst|tzst)$/i,
  compress: /\.Z$/,
  'x-compress': /\.Z$/,
  bzip2: /\.(bz2|tbz2?)$/i,
  'x-bzip2': /\.(bz2|tbz2?)$/i,
  xz: /\.(xz|txz)$/i,
  'x-xz': /\.(xz|txz)$/i,
};

function partFault(
  got: (ByteRange & { total: number | undefined }) | undefined,
  asked: ByteRange,
  bodyLength: number | undefined,
): string | undefined {
  if (!got) return 'answer 206 has no valid Content-Range';
  if (got.start !== asked.start || got.end > asked.end) {
    return `bytes ${got.start}-${got.end - 1} came for ${asked.start}-${asked.end - 1}`;
  }
  const length = got.end - got.start;
  if (bodyLength !== undefined && bodyLength !== length) {
    return `Content-Length ${bodyLength} does not fit a range of ${length} bytes`;
  }
  const goesOn = got.end < asked.end && got.total !== undefined && got.end < got.total;
  return goesOn && length < smallestPart ? `a part of only ${length} bytes` : undefined;
}
