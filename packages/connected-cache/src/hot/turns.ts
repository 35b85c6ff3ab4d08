/** So much is sent until the loop looks at what else has come: requests above all. */
const burstBytes = 1024 * 1024;
/** What a turn costs besides its bytes, as bytes of the same price. */
const turnBytes = 64 * 1024;

/**
 * The turns of the answers of one loop. A long turn is cheap, since client and system are then at that
 * answer already; a new request must not wait until everybody has had one.
 */
export class Turns {
  readonly #waiting: (() => number)[] = [];

  /**
   * Calls `send` when it is its turn, never at once.
   * @param send returns how many bytes it has sent; resolves with that, rejects with what it throws
   */
  take(send: () => number): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(this.#serve);
      this.#waiting.push(() => {
        try {
          const sent = send();
          resolve(sent);
          return sent;
        } catch (error) {
          reject(error);
          return 0;
        }
      });
    });
  }

  readonly #serve = () => {
    for (let spent = 0; spent < burstBytes; spent += turnBytes) {
      const next = this.#waiting.shift();
      if (!next) return;
      spent += next();
    }
    if (this.#waiting.length > 0) setImmediate(this.#serve);
  };
}
