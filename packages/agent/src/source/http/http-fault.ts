import { type ByteRange, isSluiceError, type SluiceError } from '@sluice/protocol';
import type { SourceKind } from '../source.ts';

/** A request of an HTTP source that failed. */
export interface HttpFault {
  kind: Exclude<SourceKind, 'peer'>;
  /** Without credentials and query values. */
  label: string;
  /** Address that it was connected to, when it ever was. */
  host: string | undefined;
  /** What was asked for; `end` Infinity = to the end. */
  range: ByteRange;
  error: SluiceError;
}

/** Headers of an answer that tell of caches and servers, and nothing of people. */
const telling = [
  'server',
  'via',
  'age',
  'x-cache',
  'cache-status',
  'retry-after',
  'content-type',
  'content-length',
];
const maxText = 1_000;

/** Those headers as lines of `name: value`, printable. */
export function tellingHeaders(fields: ReadonlyMap<string, string>): string {
  const lines = telling.flatMap((name) => {
    const value = fields.get(name);
    return value === undefined ? [] : [`${name}: ${value.replace(/[^\x20-\x7e]/g, '?')}`];
  });
  return lines.join('\n').slice(0, maxText);
}

/** Whether it is the far side or the way there that failed, not who asked or the disk. */
export function isHttpFault(error: unknown, signal: AbortSignal): error is SluiceError {
  if (signal.aborted || !isSluiceError(error)) return false;
  return error.code.startsWith('Source') && error.code !== 'SourceClosed';
}
