import { exitCodes } from '../errors/exit-codes.ts';

/**
 * A terminal's Ctrl-C goes to the whole process group, and launchers (npm, ours) pass it on once more:
 * within this time it is the same request to stop.
 */
const sameRequestMs = 300;

export interface StopSignal {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** SIGHUP calls this from now on, and stops nothing. */
  onHangup(reload: () => void): void;
  [Symbol.dispose](): void;
}

/** The process and its clock, given in tests. */
interface Surroundings {
  /** Milliseconds. */
  now(): number;
  exit(code: number): void;
}
const real: Surroundings = { now: () => performance.now(), exit: (code) => process.exit(code) };

/** Asks the work to stop at the first signal, ends the process at the second one. */
export function listenForStop({ now, exit }: Surroundings = real): StopSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  let onHangup: (() => void) | undefined;
  const onSignal = () => {
    if (firstAt === undefined) {
      firstAt = now();
      controller.abort();
    } else if (now() - firstAt > sameRequestMs) {
      exit(exitCodes.Cancelled[0]);
    }
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    onHangup(reload) {
      process.off('SIGHUP', onSignal);
      process.on('SIGHUP', reload);
      onHangup = reload;
    },
    [Symbol.dispose]() {
      for (const name of names) process.off(name, onSignal);
      if (onHangup) process.off('SIGHUP', onHangup);
    },
  };
}

/** Resolves when the signal is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
