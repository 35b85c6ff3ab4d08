import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that may wait on one connection; more than that is no client but a flood. */
const maxWaiting = 64;

/**
 * Answers the requests of one connection one after another: a client that pipelines gets its
 * answers in order anyway, and must not hold buffers for those that are not due.
 */
export class Lanes {
  readonly #lanes = new WeakMap<Socket, { waiting: number; last: Promise<void> }>();

  /** Runs `work`, which must not throw, when all before it on the connection has been answered. */
  enter({ socket }: IncomingMessage, response: ServerResponse, work: () => Promise<void>): void {
    const lane = this.#lanes.get(socket) ?? { waiting: 0, last: Promise.resolve() };
    this.#lanes.set(socket, lane);
    if (lane.waiting >= maxWaiting) {
      socket.destroy();
      return;
    }
    lane.waiting++;
    const run = async () => {
      // Answers that are not due yet do not hear that their connection is gone, or about to go.
      if (!socket.writable) return;
      await work();
      if (!response.closed && socket.writable) await closeOf(response);
      lane.waiting--;
    };
    // The usual case must not wait a turn.
    lane.last = lane.waiting === 1 ? run() : lane.last.then(run);
  }
}

function closeOf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('close', resolve));
}
