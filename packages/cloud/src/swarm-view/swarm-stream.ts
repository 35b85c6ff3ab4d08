import type { ServerResponse } from 'node:http';
import type { Clock, SwarmDevice } from '@sluice/protocol';
import { changesSince } from './swarm-view.ts';

/** Between two looks at the swarm, ms. */
const lookMs = 1_000;
/** A line is sent at least so often, ms, or what is between would think that nobody is there. */
const quietMs = 15_000;
/** Who may look is asked again after so long, ms: the browser comes back by itself. */
const longestMs = 600_000;

/** The streams that are open, of this process. */
export class SwarmStreams {
  readonly #open = new Set<() => void>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#open.size;
  }

  /**
   * Tells `response` as server-sent events what `look` sees: `devices` with all of them, then those that changed
   * and the ids of those that are gone. Ends with the connection, after ten minutes, or by `close`.
   */
  watch(response: ServerResponse, look: () => Promise<SwarmDevice[]>): void {
    const clock = this.#clock;
    const started = clock.now();
    let told: ReadonlyMap<string, string> | undefined;
    let toldAt = started;
    let cancel: (() => void) | undefined;
    const end = () => {
      if (!this.#open.delete(end)) return;
      cancel?.();
      // Who does not read would never let it end.
      if (response.writableNeedDrain) response.destroy();
      else response.end();
    };
    const step = async () => {
      const devices = await look();
      if (!this.#open.has(end)) return;
      const now = new Map(devices.map((device) => [device.PeerId, JSON.stringify(device)]));
      const changes = changesSince(told, now);
      // Who does not read gets no more: what has changed meanwhile is told once there is room.
      if (!response.writableNeedDrain) {
        if (changes) {
          response.write(eventOf(changes, now));
          told = now;
          toldAt = clock.now();
        } else if (clock.now() - toldAt >= quietMs) {
          response.write(': still here\n\n');
          toldAt = clock.now();
        }
      }
      if (clock.now() - started >= longestMs) end();
      else cancel = clock.setTimer(lookMs, run);
    };
    // A store that is away ends the stream; the browser comes back later.
    const run = () => void step().catch(end);
    // Who hung up while it was looked up who it is will not say so again.
    if (response.destroyed) return;
    this.#open.add(end);
    response.on('close', end);
    run();
  }

  close(): void {
    for (const end of this.#open) end();
  }
}

function eventOf(
  { Changed, Gone }: { Changed: string[]; Gone: string[] },
  now: ReadonlyMap<string, string>,
): string {
  const devices = Changed.map((id) => now.get(id)).join(',');
  return `event: devices\ndata: {"Devices":[${devices}],"Gone":${JSON.stringify(Gone)}}\n\n`;
}
