/** With fewer, one peer that reads slowly would leave the line idle. */
const minSlots = 4;
const maxSlots = 50;
/** What a peer with a slot should get at least, bytes/s: a piece of 1 MiB in four seconds. */
const perSlot = 262_144;

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
