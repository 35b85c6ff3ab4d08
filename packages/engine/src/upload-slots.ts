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

/** What a device can pass on. */
export interface Stock {
  /** That are here. */
  pieces: number;
  /** Sent of late, pieces/s. */
  rate: number;
}

/**
 * Slots to give out of those that the line can serve: to a crowd on this site few, and very few by who has
 * little to pass on: these copies are whole sooner, and passed on by others.
 */
export function slotsNow(slots: number, isCrowd: boolean, stock: Stock): number {
  return isCrowd ? Math.min(slots, crowdSlots(stock)) : slots;
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
