import { crowdGrowth } from './crowd.ts';

/** With fewer, one peer that reads slowly would leave the line idle. */
const minSlots = 4;
const maxSlots = 50;
/** What a peer with a slot should get at least, bytes/s: a piece of 1 MiB in four seconds. */
const perSlot = 262_144;

/**
 * Of a crowd at once: with more, each is sent too slowly to pass on soon; with fewer, some way down is idle.
 * Where pieces take next to nothing it is as many as go out in so long.
 */
const crowded = { first: 5, most: 9, piecesEach: 8, seconds: 0.025 };

/** The way up is short with so many sent to at a time, on average of late. */
const busyWay = { peers: 2, weight: 0.5 };

/** What a device can pass on. */
interface Stock {
  /** That are here. */
  pieces: number;
  /** Sent of late, pieces/s. */
  rate: number;
}

/** How many peers are served at once: it follows how uploading went of late. */
export class UploadSlots {
  readonly #isFixed: boolean;
  /** That the line can serve. */
  #slots: number;
  #sent = 0;
  /** Bytes/s. */
  #rate = 0;
  /** Peers that are sent to at a time; as many as a crowd is given until it is known. */
  #busy = crowded.first;
  #since: number;

  /** @param slots before it is known how uploading goes; for good when they are fixed */
  constructor({ slots, now, isFixed = false }: { slots: number; now: number; isFixed?: boolean }) {
    this.#slots = slots;
    this.#since = now;
    this.#isFixed = isFixed;
  }

  /** Bytes went out to any of them. */
  sent(bytes: number): void {
    this.#sent += bytes;
  }

  /** To be called every second or so: as many slots as the line can serve well. */
  adapt(now: number, load: Omit<UploadLoad, 'rate'>): void {
    const seconds = (now - this.#since) / 1000;
    if (seconds <= 0) return;
    this.#rate = this.#sent / seconds;
    // Who had nothing to send knows nothing of its way.
    if (this.#sent > 0) this.#busy += busyWay.weight * (load.busy - this.#busy);
    if (!this.#isFixed) this.#slots = nextSlots(this.#slots, { ...load, rate: this.#rate });
    this.#sent = 0;
    this.#since = now;
  }

  /** Whether requests wait for the way up most of the time, or may. */
  get areShort(): boolean {
    return this.#isFixed || this.#busy >= busyWay.peers;
  }

  /**
   * Slots to give out now: to a crowd on this site few, and very few by who has little to pass on: these copies are
   * whole sooner, and passed on by others.
   * @param pieces that are here, of `pieceSize` bytes
   */
  now(isCrowd: boolean, pieces: number, pieceSize: number): number {
    if (!isCrowd || this.#isFixed) return this.#slots;
    return Math.min(this.#slots, crowdSlots({ pieces, rate: this.#rate / pieceSize }));
  }
}

function crowdSlots({ pieces, rate }: Stock): number {
  const { first, most, piecesEach, seconds } = crowded;
  return Math.min(
    Math.max(most + crowdGrowth(pieces), Math.floor(seconds * rate)),
    first + Math.floor(pieces / piecesEach),
  );
}

/** How uploading went of late. */
export interface UploadLoad {
  /** Peers with a slot for which requests wait here. */
  busy: number;
  /** Interested peers without a slot. */
  waiting: number;
  /** Sent to all together, bytes/s. */
  rate: number;
}

/**
 * How many peers to upload to at once, one step from what it is: fewer when the line is full and
 * each gets too little to have pieces to pass on soon; more when the line could serve those who wait.
 * A low rate by itself says nothing: on a thin link there is little to send.
 */
export function nextSlots(slots: number, { busy, waiting, rate }: UploadLoad): number {
  const each = rate / slots;
  if (busy >= slots && each < perSlot) return Math.max(minSlots, slots - 1);
  if (waiting > 0 && (busy < slots || each > 2 * perSlot)) return Math.min(maxSlots, slots + 1);
  return slots;
}
