import type { FetchId, Goodput, SchedulerEvent } from '@sluice/engine';
import { type PieceMap, type PieceRun, pieceLength } from '@sluice/protocol';
import type { PieceBuffer, PieceBufferPool } from '../store/index.ts';
import { originTag } from './origin-tag.ts';
import { PieceSink } from './piece-sink.ts';
import type { TransferOptions } from './transfer-options.ts';
import type { TransferSource } from './transfer-sources.ts';

/** What arrivals tell of. */
export interface ArrivalsHost {
  readonly options: TransferOptions;
  readonly goodput: Goodput;
  /** What is here, each piece once. */
  readonly landed: PieceMap;
  readonly now: number;
  /** Bytes came, of use or not. */
  received(bytes: number): void;
  /** Told to the scheduler at once. */
  handle(event: SchedulerEvent): void;
  /** The same, and it decides soon. */
  tell(event: SchedulerEvent): void;
  /** A piece is here that was not here before. */
  have(piece: number): void;
}

/** What comes of one fetch: counts it, has it written, and tells of it. */
export class Arrivals {
  readonly #host: ArrivalsHost;
  readonly #fetch: FetchId;
  readonly #source: number;
  readonly #from: TransferSource;

  constructor(
    host: ArrivalsHost,
    { fetch, source }: { fetch: FetchId; source: number },
    from: TransferSource,
  ) {
    this.#host = host;
    this.#fetch = fetch;
    this.#source = source;
    this.#from = from;
  }

  sink(run: PieceRun, pool: PieceBufferPool, signal: AbortSignal): PieceSink {
    const { options, landed } = this.#host;
    const { geometry, entry, waste } = options;
    return new PieceSink({
      ...{ geometry, run, pool, signal },
      isWanted: (piece) => !entry.pieces.has(piece),
      onBytes: (bytes) => this.bytes(bytes),
      onWaste: (bytes) => {
        waste.duplicateBytes += bytes;
      },
      onPresent: (piece) => {
        // What the scheduler knows already would pass for a success of the source that sent it again.
        if (!landed.has(piece)) this.#host.tell({ type: 'pieceGood', fetch: this.#fetch, piece });
      },
      onPiece: (piece, buffer) => this.#write(piece, buffer),
    });
  }

  bytes(bytes: number): void {
    const { goodput, now } = this.#host;
    this.#host.received(bytes);
    this.#from.record.hear(now);
    goodput.received(bytes, now);
    this.#host.handle({ type: 'received', source: this.#source, bytes });
  }

  /** The piece was written, or was not good. */
  piece(piece: number, good: boolean): void {
    const { options, landed } = this.#host;
    const { origin, record } = this.#from;
    const bytes = pieceLength(options.geometry, piece);
    // What is wrong with it now is that its pieces are bad, not what was wrong before.
    record.lastError = undefined;
    // A hedged piece may come to its end twice at once: the first counts.
    const isNew = good && landed.set(piece);
    if (good && origin.kind === 'cache') options.onCache(true);
    if (isNew) {
      options.onReceived(origin, bytes);
      this.#host.have(piece);
    } else {
      options.waste.duplicateBytes += bytes;
      if (!good) options.waste.badPieces++;
    }
    this.#host.tell({ type: good ? 'pieceGood' : 'pieceBad', fetch: this.#fetch, piece });
  }

  async #write(piece: number, buffer: PieceBuffer): Promise<void> {
    const { entry } = this.#host.options;
    this.piece(piece, await entry.writePiece(piece, buffer, originTag(this.#from.origin)));
  }
}
