/** Exit codes of the `sluice` command, one per class of error. */
export const ExitCode = {
  Ok: 0,
  /** The command ran, the answer is no (a check that failed, an unexpected fault). */
  Failed: 1,
  /** Wrong flags or arguments. */
  Usage: 2,
  /** A host could not be reached, or the connection broke or stalled. */
  Network: 3,
  /** The source answered, but refuses or cannot serve the content. */
  Source: 4,
  /** Bytes or a hash list did not match what was promised. */
  Integrity: 5,
  /** The local disk: full, unwritable, unreadable. */
  Disk: 6,
  /** Something else holds it: a port, a lock, another download. */
  Busy: 7,
  /** A Sluice service or the local agent refused or answered nonsense. */
  Service: 8,
  /** Ended by Ctrl-C; 128 + SIGINT, as shells have it. */
  Cancelled: 130,
  /** 128 and the number of SIGPIPE, as shells tell it of programs that do not catch it. */
  OutputClosed: 141,
} as const;

export interface ErrorEntry {
  message: string;
  /** What the user can do about it. */
  remedy: string;
  exitCode: number;
  hresult?: number;
}
