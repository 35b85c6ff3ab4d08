/** A WAN link, as the user gives it. */
export interface Link {
  /** Mbit/s in each direction; 0 is no limit. */
  rateMbit: number;
  /** Milliseconds there and back. */
  rttMs: number;
}

/** What the shaper does with each direction (shaper.py). */
export interface LinkShape {
  bytesPerSecond: number;
  delayMs: number;
  queueBytes: number;
}

/** Of the queue before a link: usual for access lines, and one round trip at least. */
const queueMs = 50;
const minQueueBytes = 32 * 1500;

export function linkShape({ rateMbit, rttMs }: Link): LinkShape {
  const bytesPerSecond = Math.round((rateMbit * 1e6) / 8);
  const queueBytes = (bytesPerSecond * Math.max(queueMs, rttMs)) / 1000;
  return {
    bytesPerSecond,
    delayMs: rttMs / 2,
    queueBytes: Math.max(minQueueBytes, Math.round(queueBytes)),
  };
}

/** Milliseconds that `bytes` need at the link's rate, without headers: what nobody can beat. */
export function idealMs(bytes: number, link: Link): number {
  return (bytes * 8) / (link.rateMbit * 1000);
}
