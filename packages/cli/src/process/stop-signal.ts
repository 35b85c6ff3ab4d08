import { exitCodes } from '../errors/exit-codes.ts';

/**
 * A terminal's Ctrl-C goes to the whole process group, and launchers (npm, ours) pass it on once more:
 * within this time it is the same request to stop.
 */
const sameRequestMs = 300;

export interface StopSignal {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** From now on SIGHUP calls this, and is no request to stop. */
  onHangUp(fn: () => void): void;
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
  const onSignal = () => {
    if (firstAt === undefined) {
      firstAt = now();
      controller.abort();
    } else if (now() - firstAt > sameRequestMs) {
      exit(exitCodes.Cancelled[0]);
    }
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let hangUp: () => void = onSignal;
  const onHangUp = () => hangUp();
  for (const name of names) process.on(name, name === 'SIGHUP' ? onHangUp : onSignal);
  return {
    signal: controller.signal,
    onHangUp(fn) {
      hangUp = fn;
    },
    [Symbol.dispose]() {
      for (const name of names) process.off(name, name === 'SIGHUP' ? onHangUp : onSignal);
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
