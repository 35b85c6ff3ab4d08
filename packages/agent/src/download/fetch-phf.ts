import {
  type Clock,
  maxPhfBytes,
  type PiecesHashFile,
  parsePiecesHashFile,
  verifyPiecesHashFile,
} from '@sluice/protocol';
import { deadline } from '../clock/deadline.ts';
import { createHttpSource } from '../source/index.ts';
import { MemorySink } from './memory-sink.ts';

const phfTimeoutMs = 15_000;

/**
 * Gets a pieces hash file over HTTP and checks it against the trusted HashOfHashes.
 * @throws what the source throws; PhfInvalid, PhfTooLarge, PhfVersion, PhfMismatch.
 */
export async function fetchPhf(
  url: string,
  trustedHashOfHashes: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<PiecesHashFile> {
  const source = createHttpSource({ url, clock });
  using limit = deadline(clock, phfTimeoutMs, signal);
  try {
    const { contentLength } = await source.open(limit.signal);
    const sink = new MemorySink(maxPhfBytes);
    const end = contentLength ?? Number.POSITIVE_INFINITY;
    if (end > 0) await source.fetch({ start: 0, end }, sink, limit.signal);
    const phf = parsePiecesHashFile(sink.bytes);
    verifyPiecesHashFile(phf, trustedHashOfHashes);
    return phf;
  } finally {
    await source.close();
  }
}
