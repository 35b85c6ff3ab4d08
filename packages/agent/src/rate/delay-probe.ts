import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Clock, sluiceError } from '@sluice/protocol';

/** An address, no name: a probe looks nothing up. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What a probe of a path has measured, ms. */
export interface DelaySample {
  /** The round trip. */
  ms: number;
  /** At most so much of it was this process being late. */
  slackMs: number;
}

/** Measures the round trip to an address. @throws when there is no answer; Cancelled. */
export type DelayProbe = (to: Address, signal: AbortSignal) => Promise<DelaySample>;

/** No answer for so long is as bad as any delay. */
export const probeTimeoutMs = 2_000;
/** How exactly the lateness of the process is watched, ms. */
const resolution = 10;

/**
 * Times the opening of a TCP connection, which the far side's system answers by itself: the packets wait
 * in the same queues as the transfer's. The connection is closed at once.
 */
export function tcpDelayProbe(clock: Clock): DelayProbe {
  // Kept for the next probe: to make one each time took a hundredth of the CPU time of a download.
  const spare: ReturnType<typeof monitorEventLoopDelay>[] = [];
  return async ({ host, port }, signal) => {
    if (signal.aborted) throw sluiceError('Cancelled', {}, { cause: signal.reason });
    const lateness = spare.pop() ?? monitorEventLoopDelay({ resolution });
    lateness.reset();
    lateness.enable();
    const startedAt = clock.now();
    const socket = connect({ host, port });
    const stop = () => socket.destroy(sluiceError('Cancelled', {}, { cause: signal.reason }));
    const cancelTimer = clock.setTimer(probeTimeoutMs, () =>
      socket.destroy(new Error('no answer')),
    );
    signal.addEventListener('abort', stop, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
      });
      const late = lateness.max / 1e6 - resolution;
      const ms = clock.now() - startedAt;
      return { ms, slackMs: Math.max(0, Math.min(ms, late)) };
    } finally {
      lateness.disable();
      spare.push(lateness);
      cancelTimer();
      signal.removeEventListener('abort', stop);
      // Reset rather than closed in order: nothing is left behind on either side.
      socket.resetAndDestroy();
    }
  };
}
