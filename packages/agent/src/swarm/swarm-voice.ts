import { encodeMessage, type PieceMap, type PieceRun } from '@sluice/protocol';
import type { Member } from './member.ts';
import { isElsewhere, isOnSite } from './peer-class.ts';
import { peerExchangeFeature } from './peer-exchange.ts';
import type { SiteDuty } from './site-duty.ts';
import type { UploadPermit } from './upload-permit.ts';

/**
 * What this device tells the members of a swarm of itself: that it fetches from HTTP, what, and what it
 * has. Those who may not get from us hear of none of it: nobody is to count on, or wait for, what it
 * could not have.
 */
export class SwarmVoice {
  readonly #uploads: UploadPermit;
  readonly #duty: SiteDuty;
  readonly #listenPort: () => number;
  readonly #members: () => Iterable<Member>;
  readonly #features: string[];
  #mayUseHttp = true;
  #handicap = 0;
  #pieces: PieceMap | undefined;

  constructor(options: {
    uploads: UploadPermit;
    duty: SiteDuty;
    listenPort: () => number;
    members: () => Iterable<Member>;
    /** Whether peers may tell of other peers. */
    exchanges: boolean;
  }) {
    this.#uploads = options.uploads;
    this.#duty = options.duty;
    this.#duty.watch(() => this.reconsider());
    this.#listenPort = options.listenPort;
    this.#members = options.members;
    this.#features = ['claim', 'phf', ...(options.exchanges ? [peerExchangeFeature] : [])];
  }

  /** @param pieces what is here, as it grows. */
  setPieces(pieces: PieceMap): void {
    this.#pieces = pieces;
  }

  setMayUseHttp(may: boolean): void {
    if (may === this.#mayUseHttp) return;
    this.#mayUseHttp = may;
    for (const m of this.#members()) this.sayHello(m);
  }

  /** Tells the devices of the site how large a share of the work this one takes, see `Hello`. */
  setHandicap(handicap: number): void {
    if (handicap === this.#handicap) return;
    this.#handicap = handicap;
    for (const m of this.#members()) if (isOnSite(m.peerClass)) this.sayHello(m);
  }

  /** Introduces this device (again). */
  sayHello(member: Member): void {
    const listenPort = this.#listenPort();
    const mayUseHttp = this.#mayUseHttpFor(member);
    const handicap = this.#handicap > 0 ? { handicap: this.#handicap } : {};
    const { peerClass } = member;
    const knownAs = isElsewhere(peerClass) ? { knownAs: peerClass } : {};
    member.sayHello({ features: this.#features, mayUseHttp, listenPort, ...handicap, ...knownAs });
  }

  /** Tells what is here, unless that was told. */
  tellPieces(member: Member): void {
    const pieces = this.#pieces;
    if (!pieces) return;
    const may = this.#uploads.allows(member.peerClass);
    if (may && !member.toldPieces && pieces.count > 0) {
      member.connection.send({ type: 'bitfield', bits: pieces.toBitfield() });
    }
    member.toldPieces = may;
  }

  /** Those that have the piece already can be told later: half of all these messages, among many devices. */
  have(piece: number): void {
    const have = encodeMessage({ type: 'have', piece });
    for (const m of this.#members()) {
      if (!m.toldPieces) continue;
      if (m.has.has(piece)) m.connection.sendLater(have);
      else m.connection.sendBytes(have);
    }
  }

  claim(member: Member, kind: 'claim' | 'release', runs: PieceRun[], rate: number): void {
    // Nothing is held by a release too many.
    if (kind === 'release' || this.#uploads.allows(member.peerClass)) {
      member.claim(kind, runs, rate);
    }
  }

  /** Whom we may upload to has changed. */
  reconsider(): void {
    for (const m of this.#members()) {
      this.tellPieces(m);
      if (m.toldMayUseHttp !== this.#mayUseHttpFor(m)) this.sayHello(m);
    }
  }

  #mayUseHttpFor(member: Member): boolean {
    return this.#mayUseHttp && this.#duty.fetches && this.#uploads.allows(member.peerClass);
  }
}
