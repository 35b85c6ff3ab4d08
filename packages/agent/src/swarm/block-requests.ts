/** A run of bytes within a piece, as request messages have it. */
export interface Block {
  piece: number;
  /** In the piece, bytes. */
  offset: number;
  length: number;
}

/** A block the peer was asked for. */
export interface Asked<Owner> {
  readonly piece: number;
  /** Offset in the piece of the next byte to come of it, and of the end. */
  next: number;
  readonly end: number;
  /** Undefined when it was given up: what comes of it is dropped. */
  owner: Owner | undefined;
}

/** Blocks given up that may still come. A peer that dropped them never sends them, so they pile up. */
const maxGivenUp = 1_024;

/**
 * What a peer was asked for and may send. A block is served in one piece message or in several
 * shorter ones; a block given up may come all the same, when it was on its way before the cancel
 * arrived. Anything else was not asked for.
 */
export class BlockRequests<Owner> {
  #live: Asked<Owner>[] = [];
  readonly #givenUp: Asked<Owner>[] = [];

  /** Blocks that are waited for. */
  get size(): number {
    return this.#live.length;
  }

  add({ piece, offset, length }: Block, owner: Owner): void {
    this.#live.push({ piece, next: offset, end: offset + length, owner });
  }

  /**
   * A block begins to come.
   * @param isNext whether the owner can take its bytes from this offset on.
   * @returns for whom, undefined = for nobody any more; false when it was not asked for.
   */
  begin(block: Block, isNext: (owner: Owner) => boolean): Owner | undefined | false {
    const { piece, offset, length } = block;
    const fits = (a: Asked<Owner>) =>
      a.piece === piece && a.next === offset && offset + length <= a.end;
    // Wanted ones first: that the same block was also given up before does not matter then.
    const asked =
      this.#live.find((a) => fits(a) && isNext(a.owner!)) ?? this.#givenUp.find((a) => fits(a));
    if (!asked) return false;
    asked.next += length;
    if (asked.next === asked.end) this.#remove(asked);
    return asked.owner;
  }

  /** The owner wants nothing more. @returns what the peer can be spared. */
  giveUp(owner: Owner): Block[] {
    const mine = this.#live.filter((a) => a.owner === owner);
    this.#live = this.#live.filter((a) => a.owner !== owner);
    for (const asked of mine) {
      asked.owner = undefined;
      this.#givenUp.push(asked);
    }
    if (this.#givenUp.length > maxGivenUp)
      this.#givenUp.splice(0, this.#givenUp.length - maxGivenUp);
    return mine.map(blockOf);
  }

  /**
   * The peer has forgotten what it was asked, as a choke makes it. Should it not have, what it sends
   * twice is no fault of it.
   * @returns what to ask again.
   */
  forgotten(): Block[] {
    for (const { piece, next, end } of this.#live) {
      this.#givenUp.push({ piece, next, end, owner: undefined });
    }
    if (this.#givenUp.length > maxGivenUp)
      this.#givenUp.splice(0, this.#givenUp.length - maxGivenUp);
    return this.#live.map(blockOf);
  }

  #remove(asked: Asked<Owner>): void {
    const list = asked.owner === undefined ? this.#givenUp : this.#live;
    list.splice(list.indexOf(asked), 1);
  }
}

function blockOf({ piece, next, end }: Asked<unknown>): Block {
  return { piece, offset: next, length: end - next };
}
