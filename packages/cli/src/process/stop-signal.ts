import { exitCodes } from '../errors/exit-codes.ts';

/**
 * A terminal's Ctrl-C goes to the whole process group, and launchers (npm, ours) pass it on once more:
 * within this time it is the same request to stop.
 */
const sameRequestMs = 300;

export interface StopSignal {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** This signal stops no more. */
  ignore(name: 'SIGHUP'): void;
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
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    ignore: (name) => process.off(name, onSignal),
    [Symbol.dispose]() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}

/** From now on SIGHUP does not stop but reload; one that comes meanwhile is done after. */
export function listenForReload(stop: StopSignal, reload: () => Promise<void>): Disposable {
  let last = Promise.resolve();
  const onSignal = () => {
    last = last.then(reload);
  };
  process.on('SIGHUP', onSignal);
  stop.ignore('SIGHUP');
  return { [Symbol.dispose]: () => process.off('SIGHUP', onSignal) };
}

/** Resolves when the signal is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
