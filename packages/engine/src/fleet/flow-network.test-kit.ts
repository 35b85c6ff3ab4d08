/** Something that flows share: a device's way up or down, the site's line to the internet. */
export interface Pipe {
  /** Bytes/s; Infinity for a pipe that never limits. */
  capacity: number;
}

export interface Flow {
  readonly pipes: readonly Pipe[];
  /** Bytes still to move. */
  left: number;
  /** Bytes/s now. */
  rate: number;
  readonly moved: (bytes: number) => void;
  readonly done: () => void;
}

/** Less than this is the rounding of the clock. */
const nothing = 1e-3;

/** Bytes as fluid over shared pipes, max-min fair, as long-lived TCP connections come near to be. */
export class FlowNetwork {
  readonly #flows = new Set<Flow>();
  #stale = false;

  start(pipes: Pipe[], bytes: number, moved: Flow['moved'], done: Flow['done']): Flow {
    const flow = { pipes, left: bytes, rate: 0, moved, done };
    this.#flows.add(flow);
    this.#stale = true;
    return flow;
  }

  stop(flow: Flow): void {
    this.#stale = this.#flows.delete(flow) || this.#stale;
  }

  /** Ms until the next flow ends; Infinity when none moves. */
  nextEndIn(): number {
    if (this.#stale) this.#share();
    let seconds = Number.POSITIVE_INFINITY;
    for (const f of this.#flows) {
      if (f.rate > 0) seconds = Math.min(seconds, f.left / f.rate);
    }
    return seconds * 1000;
  }

  /** Moves time on, and ends the flows that are through. */
  advance(ms: number): void {
    const ended: Flow[] = [];
    for (const f of this.#flows) {
      const bytes = Math.min(f.left, (f.rate * ms) / 1000);
      f.left -= bytes;
      f.moved(bytes);
      if (f.left <= nothing) ended.push(f);
    }
    for (const f of ended) {
      // An earlier one's end may have stopped it.
      if (!this.#flows.delete(f)) continue;
      this.#stale = true;
      f.done();
    }
  }

  /** Pipes may have changed their capacity. */
  changed(): void {
    this.#stale = true;
  }

  /** Progressive filling: the tightest pipe fixes the rate of its flows, then the next. */
  #share(): void {
    this.#stale = false;
    const pipes = new Map<Pipe, { free: number; open: number; flows: Flow[] }>();
    for (const flow of this.#flows) {
      flow.rate = -1;
      for (const pipe of flow.pipes) {
        const p = pipes.get(pipe);
        if (p) {
          p.open++;
          p.flows.push(flow);
        } else pipes.set(pipe, { free: pipe.capacity, open: 1, flows: [flow] });
      }
    }
    for (let open = this.#flows.size; open > 0; ) {
      let tightest: { free: number; open: number; flows: Flow[] } | undefined;
      for (const p of pipes.values()) {
        if (p.open > 0 && (!tightest || p.free / p.open < tightest.free / tightest.open)) {
          tightest = p;
        }
      }
      const rate = Math.max(0, tightest!.free / tightest!.open);
      for (const flow of tightest!.flows) {
        if (flow.rate >= 0) continue;
        flow.rate = rate;
        open--;
        for (const pipe of flow.pipes) {
          const p = pipes.get(pipe)!;
          p.free -= rate;
          p.open--;
        }
      }
    }
  }
}
