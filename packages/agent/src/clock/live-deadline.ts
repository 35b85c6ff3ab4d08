import type { Clock } from '@sluice/protocol';
import type { Live } from '../policy/live.ts';

/** A deadline that may move while it is waited for. */
export class LiveDeadline implements Disposable {
  readonly #clock: Clock;
  readonly #ms: () => number;
  readonly #unwatch: (() => void)[];
  #startedAt: number;
  #control = new AbortController();
  #cancelTimer: () => void = () => {};

  /** @param ms after its start, of the clock. @param depends what `ms` is made of. */
  constructor(clock: Clock, ms: () => number, depends: readonly Pick<Live<unknown>, 'watch'>[]) {
    this.#clock = clock;
    this.#ms = ms;
    this.#startedAt = clock.now();
    this.#unwatch = depends.map((each) => each.watch(() => this.#look()));
    this.#look();
  }

  /** Aborts when it is reached; another one after `restart`. */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  restart(): void {
    this.#startedAt = this.#clock.now();
    this.#control = new AbortController();
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#cancelTimer();
    for (const end of this.#unwatch) end();
  }

  #look(): void {
    this.#cancelTimer();
    const left = this.#startedAt + this.#ms() - this.#clock.now();
    if (left > 0) this.#cancelTimer = this.#clock.setTimer(left, () => this.#look());
    else this.#control.abort(new DOMException('no answer in time', 'TimeoutError'));
  }
}
