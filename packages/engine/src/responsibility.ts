import type { PeerId } from '@sluice/protocol';
import { foldPeerId, rendezvousScore } from './rendezvous.ts';

/** A device that may be responsible for pieces; `self` or a peer's source id. */
export type Owner = number;
export const self: Owner = -1;

/**
 * Who fetches what over the thin link: for each group of pieces the candidate of the highest
 * rendezvous score. A change of membership costs one pass over the groups and moves few of them.
 */
export class Responsibility {
  #groupSize: number;
  readonly #pieceCount: number;
  readonly #salt: number;
  readonly #candidates = new Map<Owner, { id: PeerId; folded: number }>();
  #owners: Int32Array;

  /** @param salt makes different contents fall differently; the same on all devices. */
  constructor(pieceCount: number, salt: number, selfId: PeerId) {
    this.#pieceCount = pieceCount;
    this.#salt = salt;
    this.#groupSize = defaultGroupSize(pieceCount);
    this.#candidates.set(self, { id: selfId, folded: foldPeerId(selfId) });
    this.#owners = this.#assign();
  }

  owner(piece: number): Owner {
    return this.#owners[Math.floor(piece / this.#groupSize)]!;
  }

  /** Whether this device is next in line for the piece when its owner is left out. */
  selfIsNext(piece: number): boolean {
    const group = Math.floor(piece / this.#groupSize);
    return this.#best(group, this.#owners[group]!) === self;
  }

  isCandidate(owner: Owner): boolean {
    return this.#candidates.has(owner);
  }

  get candidateCount(): number {
    return this.#candidates.size;
  }

  /** @returns whether owners may have changed. */
  add(owner: Owner, id: PeerId): boolean {
    if (this.#candidates.has(owner)) return false;
    this.#candidates.set(owner, { id, folded: foldPeerId(id) });
    this.#owners = this.#assign();
    return true;
  }

  /** @returns whether owners may have changed. */
  remove(owner: Owner): boolean {
    if (!this.#candidates.delete(owner)) return false;
    this.#owners = this.#assign();
    return true;
  }

  /** One group for the whole content: for a source that can only stream it. */
  makeWhole(): void {
    this.#groupSize = Math.max(1, this.#pieceCount);
    this.#owners = this.#assign();
  }

  #assign(): Int32Array {
    const owners = new Int32Array(Math.ceil(this.#pieceCount / this.#groupSize)).fill(self);
    if (this.#candidates.size === 1) return owners;
    for (let g = 0; g < owners.length; g++) owners[g] = this.#best(g);
    return owners;
  }

  #best(group: number, except?: Owner): Owner {
    let best: Owner = self;
    let bestScore = -1;
    let bestId = '';
    for (const [owner, { id, folded }] of this.#candidates) {
      if (owner === except) continue;
      const score = rendezvousScore(this.#salt, group, folded);
      if (score > bestScore || (score === bestScore && id > bestId)) {
        best = owner;
        bestScore = score;
        bestId = id;
      }
    }
    return best;
  }
}

/**
 * Pieces that go together so that HTTP gets runs: 1 for small contents, up to 8 for large ones,
 * keeping at least 256 groups. The same on all devices: it depends on the piece count only.
 */
function defaultGroupSize(pieceCount: number): number {
  let size = 1;
  while (size < 8 && pieceCount / (size * 2) >= 256) size *= 2;
  return size;
}
