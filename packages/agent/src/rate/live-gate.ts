import type { Gate } from './throttled-sink.ts';

/** The gate that holds at the moment; undefined while there is none. */
export function liveGate(current: () => Gate | undefined): Gate {
  return {
    get throttle() {
      return current()?.throttle;
    },
    get window() {
      return current()?.window ?? Number.POSITIVE_INFINITY;
    },
    received: (bytes) => current()?.received(bytes),
  };
}
