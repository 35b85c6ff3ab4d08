/** Time as everything that decides sees it, so that it can run on a virtual clock. */
export interface Clock {
  /** Monotonic milliseconds from an unnamed origin. */
  now(): number;
  /** Calls `fn` once after `ms` milliseconds. @returns a function that cancels it. */
  setTimer(ms: number, fn: () => void): () => void;
}
