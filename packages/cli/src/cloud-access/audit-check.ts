import { type AuditEntry, sluiceError } from '@sluice/protocol';
import { auditHash, firstPreviousHash } from '@sluice/protocol/schemas';

interface Point {
  seq: number;
  hash: string;
}

/**
 * Checks the chain of the audit log, entry by entry from the first. The cloud is not asked whether it is in order:
 * who can change its database could change the answer.
 */
export class AuditCheck {
  readonly #isWhole: boolean;
  #known: Point | undefined;
  #last: Point = { seq: 0, hash: firstPreviousHash };
  #entries = 0;

  /**
   * @param options.isWhole whether all entries are seen, not only those of one tenant
   * @param options.known what an earlier check ended with: a log that was cut, or written anew, does not have it
   */
  constructor({ isWhole, known }: { isWhole: boolean; known?: Point }) {
    this.#isWhole = isWhole;
    this.#known = known;
  }

  /** @throws AuditBroken */
  next({ Hash, ...entry }: AuditEntry): void {
    const { Seq, PreviousHash } = entry;
    const last = this.#last;
    const follows = Seq === last.seq + 1;
    if (Seq <= last.seq || (this.#isWhole && !follows)) {
      throw broken(Seq, `it follows entry ${last.seq}: some are missing`);
    }
    if (auditHash(entry) !== Hash) throw broken(Seq, 'it was changed');
    if (follows && PreviousHash !== last.hash) throw broken(Seq, 'the one before was exchanged');
    if (this.#known?.seq === Seq) {
      if (this.#known.hash !== Hash) throw broken(Seq, 'it is not the one that was there then');
      this.#known = undefined;
    }
    this.#last = { seq: Seq, hash: Hash };
    this.#entries++;
  }

  /** @throws AuditBroken */
  end(): { entries: number; last: { Seq: number; Hash: string } | null } {
    if (this.#known) throw broken(this.#known.seq, 'it was there then, and is missing');
    const { seq, hash } = this.#last;
    return { entries: this.#entries, last: seq === 0 ? null : { Seq: seq, Hash: hash } };
  }
}

function broken(seq: number, detail: string): Error {
  return sluiceError('AuditBroken', { seq, detail });
}
