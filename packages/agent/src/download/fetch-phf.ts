import {
  maxPhfBytes,
  type PiecesHashFile,
  parsePiecesHashFile,
  sluiceError,
} from '@sluice/protocol';
import type { Source } from '../source/index.ts';
import { MemorySink } from './memory-sink.ts';

/**
 * Gets a pieces hash file from a source, which is closed afterwards.
 * @throws what the source throws; PhfInvalid, PhfTooLarge, PhfVersion.
 */
export async function fetchPhf(source: Source, signal: AbortSignal): Promise<PiecesHashFile> {
  try {
    const { contentLength } = await source.open(signal);
    if (contentLength !== undefined && contentLength > maxPhfBytes) {
      throw sluiceError('PhfTooLarge', { detail: `${contentLength} bytes` });
    }
    const sink = new MemorySink(maxPhfBytes);
    const end = contentLength ?? Number.POSITIVE_INFINITY;
    if (end > 0) await source.fetch({ start: 0, end }, sink, signal);
    return parsePiecesHashFile(sink.bytes);
  } finally {
    await source.close();
  }
}
