import { unlessAborted } from '../clock/unless-aborted.ts';
import type { Live } from '../policy/live.ts';

/** Each holds buffers, files and connections. */
const defaultLimit = 8;

/** Who wants to run. */
export interface SlotWish {
  owner: string;
  /** It may change while it waits, and while it runs. */
  foreground: Live<boolean>;
}

/** One that waits or runs. */
interface Guest extends SlotWish {
  /** The queue that it waits in, or whose place it has. */
  at: Queue;
  /** Tells it that it has a place; undefined when it has. */
  call: (() => void) | undefined;
}

interface Queue {
  running: number;
  /** Those that have a place of the other queue and belong here: they come before all who wait. */
  moving: Set<Guest>;
  /** By owner, each first come first served; whose turn is next comes first. */
  waiting: Map<string, Set<Guest>>;
}

const newQueue = (): Queue => ({ running: 0, moving: new Set(), waiting: new Map() });

/**
 * How many downloads run at once. Foreground has places of its own, so that nobody waits behind work in
 * the background; those who asked take turns, so that a thousand files of one do not keep out another's.
 *
 * One that waits changes queues with its priority. One that runs keeps its place until there is one on
 * the other side: else whoever switches to and fro could run any number at once.
 */
export class Slots {
  readonly #limit: number;
  readonly #foreground = newQueue();
  readonly #background = newQueue();

  constructor(limit = defaultLimit) {
    this.#limit = limit;
  }

  /** How many run, at least 1. */
  get busy(): number {
    return Math.max(1, this.#foreground.running + this.#background.running);
  }

  /** Runs `work` when there is a place. @throws what it throws, the reason of `signal`. */
  async run<T>(wish: SlotWish, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { promise: called, resolve } = Promise.withResolvers<void>();
    const guest: Guest = { ...wish, at: this.#queueOf(wish), call: resolve };
    const unwatch = wish.foreground.watch(() => this.#follow(guest));
    line(guest);
    this.#fill(guest.at);
    try {
      if (guest.call) await unlessAborted(called, signal);
      signal.throwIfAborted();
      return await work();
    } finally {
      unwatch();
      this.#leave(guest);
    }
  }

  #queueOf({ foreground }: SlotWish): Queue {
    return foreground.current ? this.#foreground : this.#background;
  }

  #follow(guest: Guest): void {
    const queue = this.#queueOf(guest);
    if (guest.call) {
      unline(guest);
      guest.at = queue;
      line(guest);
    } else if (guest.at === queue) {
      this.#stopMoving(guest);
    } else {
      queue.moving.add(guest);
    }
    this.#fill(queue);
  }

  #leave(guest: Guest): void {
    if (guest.call) {
      unline(guest);
      return;
    }
    this.#stopMoving(guest);
    this.#free(guest.at);
  }

  #stopMoving(guest: Guest): void {
    this.#foreground.moving.delete(guest);
    this.#background.moving.delete(guest);
  }

  #free(queue: Queue): void {
    queue.running--;
    this.#fill(queue);
  }

  /** Gives away the places there are. */
  #fill(queue: Queue): void {
    while (queue.running < this.#limit) {
      const [mover] = queue.moving;
      if (mover) {
        const { at } = mover;
        queue.moving.delete(mover);
        mover.at = queue;
        queue.running++;
        this.#free(at);
        continue;
      }
      const next = nextInLine(queue);
      if (!next) return;
      queue.running++;
      next.call?.();
      next.call = undefined;
    }
  }
}

function line(guest: Guest): void {
  const { at, owner } = guest;
  const own = at.waiting.get(owner) ?? new Set();
  own.add(guest);
  at.waiting.set(owner, own);
}

function unline(guest: Guest): void {
  const own = guest.at.waiting.get(guest.owner);
  own?.delete(guest);
  if (own?.size === 0) guest.at.waiting.delete(guest.owner);
}

/** Takes the next one out of the line; its owner's turn is last then. */
function nextInLine({ waiting }: Queue): Guest | undefined {
  const [first] = waiting;
  if (!first) return undefined;
  const [owner, own] = first;
  const [guest] = own;
  own.delete(guest!);
  waiting.delete(owner);
  if (own.size > 0) waiting.set(owner, own);
  return guest;
}
