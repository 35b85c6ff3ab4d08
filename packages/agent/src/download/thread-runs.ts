import { type PieceRun, runRange, sluiceError } from '@sluice/protocol';
import type { PortableSource, Source } from '../source/index.ts';
import type { ContentEntry } from '../store/index.ts';
import { originTag, trafficOf } from './origin-tag.ts';
import type { TransferOptions } from './transfer-options.ts';
import type { TransferSource } from './transfer-sources.ts';

/** A connection may break at any time; twice in a row it is something that a thread cannot read. */
const maxFailures = 2;
/** A thread has a buffer of its own for each run. */
const maxPieceSize = 4 << 20;

/**
 * Runs that threads fetch by themselves, while there are threads: the bytes then stay on the core that read
 * them. 1 GiB of a local nginx costs a quarter less CPU time so than when one thread reads and others write.
 */
export class ThreadRuns {
  readonly #entry: ContentEntry;
  readonly #options: Pick<TransferOptions, 'geometry' | 'rates'>;
  /** How often in a row a thread got nothing of it. */
  readonly #failures = new WeakMap<Source, number>();

  constructor({ entry, geometry, rates }: TransferOptions) {
    this.#entry = entry;
    this.#options = { geometry, rates };
  }

  /**
   * @returns how many pieces of the run came whole, right or wrong; the rest is to be fetched as usual.
   * @throws what the disk does; Cancelled.
   */
  async fetch(
    { source, origin }: TransferSource,
    run: PieceRun,
    on: { bytes(n: number): void; piece(piece: number, good: boolean): void },
    signal: AbortSignal,
  ): Promise<number> {
    const { geometry, rates } = this.#options;
    const isSuited = (this.#failures.get(source) ?? 0) < maxFailures;
    const fits = geometry.pieceSize <= maxPieceSize && isSuited;
    if (!fits || !this.#entry.takesRun || !rates.isFree(trafficOf(origin))) return 0;
    const work = async (portable: PortableSource, ends: AbortSignal) => {
      const wanted = {
        ...{ run, source: portable, originTag: originTag(origin) },
        onBytes: (bytes: number) => on.bytes(bytes),
        onPiece: (piece: number, good: boolean) => on.piece(piece, good),
      };
      const count = await this.#entry.fetchRun(wanted, ends);
      if (count === 0 && !ends.aborted) {
        this.#failures.set(source, (this.#failures.get(source) ?? 0) + 1);
      } else if (count) this.#failures.delete(source);
      return count;
    };
    const came = await source.lend?.(runRange(geometry, run), work, signal);
    if (signal.aborted) throw sluiceError('Cancelled', {}, { cause: signal.reason });
    return came ?? 0;
  }
}
