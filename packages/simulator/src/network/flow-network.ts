import { type Flows, pipesPerFlow, shareFairly } from './fair-share.ts';

/** Something that flows share: a device's way up or down, a site's line, the source. */
export type PipeId = number;
export type FlowId = number;

/** Who sends; told when all has arrived. */
export interface FlowOwner {
  /**
   * All bytes have arrived.
   * @param spare bytes that the flow could have carried in the rest of the step: a successor over the
   *   same pipes (`renew`) has moved so much already, so that the steps of the clock cost no rate
   * @returns whether it was renewed; else it ends
   */
  flowDone(flow: FlowId, spare: number): boolean;
}

/** Less than this is the rounding of the clock, bytes. */
const nothing = 0.5;

/** Bytes as fluid over shared pipes, max-min fair, moved on in steps of the virtual clock. */
export class FlowNetwork {
  readonly #f: Flows = {
    active: new Int32Array(64),
    activeCount: 0,
    pipes: new Int32Array(64 * pipesPerFlow),
    cap: new Float64Array(64),
    rate: new Float64Array(64),
    pipeCount: 1,
    capacity: new Float64Array(64).fill(Number.POSITIVE_INFINITY),
    free: new Float64Array(64),
    share: new Float64Array(64),
    open: new Int32Array(64),
    loose: new Int32Array(64),
  };
  #size: Float64Array = new Float64Array(64);
  #left: Float64Array = new Float64Array(64);
  /** Place in `active`. */
  #place: Int32Array = new Int32Array(64);
  readonly #owners: (FlowOwner | undefined)[] = [];
  readonly #unused: FlowId[] = [];
  #stale = false;

  /** @param capacity bytes/s */
  pipe(capacity: number): PipeId {
    const f = this.#f;
    if (f.pipeCount === f.capacity.length) {
      for (const key of ['capacity', 'free', 'share'] as const) f[key] = grown(f[key]);
      for (const key of ['open', 'loose'] as const) f[key] = grownInts(f[key]);
    }
    f.capacity[f.pipeCount] = capacity;
    return f.pipeCount++;
  }

  /** @param cap bytes/s of this flow at most @returns the flow; bytes move from the next step on. */
  start(owner: FlowOwner, pipes: readonly PipeId[], bytes: number, cap: number): FlowId {
    const flow = this.#unused.pop() ?? this.#newFlow();
    const f = this.#f;
    let at = flow * pipesPerFlow;
    f.pipes.fill(0, at, at + pipesPerFlow);
    for (const p of pipes) if (p > 0) f.pipes[at++] = p;
    f.cap[flow] = cap;
    this.#owners[flow] = owner;
    this.#fill(flow, bytes);
    this.#place[flow] = f.activeCount;
    f.active[f.activeCount++] = flow;
    this.#stale = true;
    return flow;
  }

  /** Within `flowDone`: the flow goes on with so many bytes more, over the same pipes. */
  renew(flow: FlowId, bytes: number, spare: number): void {
    this.#fill(flow, bytes);
    this.#left[flow]! -= spare;
  }

  /** @returns the bytes that have moved. */
  stop(flow: FlowId): number {
    const moved = this.moved(flow);
    const f = this.#f;
    const place = this.#place[flow]!;
    const last = f.active[--f.activeCount]!;
    f.active[place] = last;
    this.#place[last] = place;
    this.#owners[flow] = undefined;
    this.#unused.push(flow);
    this.#stale = true;
    return moved;
  }

  /** Bytes that have moved since the start or the last renewal. */
  moved(flow: FlowId): number {
    return Math.min(this.#size[flow]!, this.#size[flow]! - this.#left[flow]!);
  }

  /** Ends the flow sooner: `bytes` are left at most. */
  shorten(flow: FlowId, bytes: number): void {
    const cut = this.#left[flow]! - bytes;
    if (cut <= 0) return;
    this.#left[flow]! -= cut;
    this.#size[flow]! -= cut;
  }

  get flowCount(): number {
    return this.#f.activeCount;
  }

  /** Ms until the next flow ends at the rates of now; Infinity when none moves. */
  nextEndIn(): number {
    if (this.#stale) {
      this.#stale = false;
      shareFairly(this.#f);
    }
    const { active, activeCount, rate } = this.#f;
    let seconds = Number.POSITIVE_INFINITY;
    for (let k = 0; k < activeCount; k++) {
      const flow = active[k]!;
      const s = this.#left[flow]! / rate[flow]!;
      if (s < seconds) seconds = s;
    }
    return Math.max(0, seconds * 1000);
  }

  /** Moves time on, and tells the owners of the flows that are through. */
  advance(ms: number): void {
    const { active, rate } = this.#f;
    const seconds = ms / 1000;
    const ended: FlowId[] = [];
    const owners: FlowOwner[] = [];
    for (let k = 0; k < this.#f.activeCount; k++) {
      const flow = active[k]!;
      this.#left[flow]! -= rate[flow]! * seconds;
      if (this.#left[flow]! > nothing) continue;
      ended.push(flow);
      owners.push(this.#owners[flow]!);
    }
    for (let k = 0; k < ended.length; k++) {
      // The end of an earlier one may have stopped it.
      if (this.#owners[ended[k]!] !== owners[k]) continue;
      this.#end(ended[k]!, owners[k]!);
    }
  }

  #end(flow: FlowId, owner: FlowOwner): void {
    // A successor may be through in the same step: pieces may be smaller than what moves in one.
    do {
      const spare = Math.max(0, -this.#left[flow]!);
      this.#left[flow] = 0;
      if (!owner.flowDone(flow, spare)) {
        this.stop(flow);
        return;
      }
    } while (this.#left[flow]! <= nothing);
  }

  #fill(flow: FlowId, bytes: number): void {
    this.#size[flow] = bytes;
    this.#left[flow] = bytes;
  }

  #newFlow(): FlowId {
    const flow = this.#owners.push(undefined) - 1;
    if (flow < this.#left.length) return flow;
    const f = this.#f;
    for (const key of ['cap', 'rate'] as const) f[key] = grown(f[key]);
    for (const key of ['active', 'pipes'] as const) f[key] = grownInts(f[key]);
    this.#size = grown(this.#size);
    this.#left = grown(this.#left);
    this.#place = grownInts(this.#place);
    return flow;
  }
}

function grown(array: Float64Array): Float64Array {
  const larger = new Float64Array(2 * array.length);
  larger.set(array);
  return larger;
}

function grownInts(array: Int32Array): Int32Array {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}
