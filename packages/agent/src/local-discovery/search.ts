import type { Clock, PeerId } from '@sluice/protocol';

/** Who is there has answered by then. */
const answersMs = 140;
/** With nobody found a download does not wait longer. */
const patienceMs = 250;
/** Questions for a content that is not complete: the waits between them (RFC 6762 §5.2). */
const askAgainMs = [1_000, 3_000, 9_000, 27_000, 60_000];
/** More are not remembered, as in the dial book; who was heard longest ago makes room. */
const maxFound = 1_000;

/** The search for who has a content. */
export class Search {
  /** Resolves with how many were found, at most `patienceMs` after the search was made. */
  readonly answered: Promise<number>;
  readonly #clock: Clock;
  readonly #ask: () => boolean;
  readonly #found = new Set<PeerId>();
  readonly #resolve: (found: number) => void;
  readonly #madeAt: number;
  #cancelPatience = () => {};
  #cancelAnswers = () => {};
  #cancelAsk = () => {};
  #asked = 0;
  #ended = false;

  /** @param ask asks the network. @returns false when there is nothing more to look for. */
  constructor(clock: Clock, ask: () => boolean) {
    this.#clock = clock;
    this.#ask = ask;
    this.#madeAt = clock.now();
    const { promise, resolve } = Promise.withResolvers<number>();
    this.answered = promise;
    this.#resolve = resolve;
    this.#cancelPatience = clock.setTimer(patienceMs, () => this.#answer());
  }

  /** Asks now and, ever more rarely, again. */
  begin(): void {
    if (this.#ended) return;
    const again = this.#ask();
    if (this.#asked === 0) {
      this.#cancelAnswers = this.#clock.setTimer(answersMs, () => {
        if (this.#found.size > 0) this.#answer();
      });
    }
    const wait = askAgainMs[Math.min(this.#asked, askAgainMs.length - 1)]!;
    this.#asked++;
    if (again) this.#cancelAsk = this.#clock.setTimer(wait, () => this.begin());
  }

  /** @returns who made room for it, if somebody had to. */
  found(peer: PeerId): PeerId | undefined {
    this.#found.delete(peer);
    this.#found.add(peer);
    // Answers that took longer than they should, or that others' questions brought.
    if (this.#asked > 0 && this.#clock.now() - this.#madeAt >= answersMs) this.#answer();
    if (this.#found.size <= maxFound) return undefined;
    const [oldest] = this.#found;
    this.#found.delete(oldest!);
    return oldest;
  }

  /** @returns whether it had been found. */
  lost(peer: PeerId): boolean {
    return this.#found.delete(peer);
  }

  end(): void {
    this.#ended = true;
    this.#cancelAsk();
    this.#answer();
  }

  #answer(): void {
    this.#cancelPatience();
    this.#cancelAnswers();
    this.#resolve(this.#found.size);
  }
}
