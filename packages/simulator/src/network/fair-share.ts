/** Pipes that a flow crosses at most. */
export const pipesPerFlow = 4;
/** Rounds of filling at most; what is not settled then gets its least share, which is always there. */
const maxRounds = 24;

/** Flows and pipes in flat arrays, as `FlowNetwork` keeps them. */
export interface Flows {
  /** The flows that move, densely. */
  active: Int32Array;
  activeCount: number;
  /** Of each flow up to `pipesPerFlow` pipes, and then zeros: pipe 0 stands for "none". */
  pipes: Int32Array;
  /** Bytes/s of the flow itself at most. */
  cap: Float64Array;
  /** Bytes/s, the result. */
  rate: Float64Array;
  pipeCount: number;
  /** Bytes/s. */
  capacity: Float64Array;
  free: Float64Array;
  share: Float64Array;
  open: Int32Array;
  /** Marks in which round a pipe last had a flow that is limited more elsewhere. */
  loose: Int32Array;
}

/** Flows not settled yet, reused from call to call. */
let pending = new Int32Array(1024);

/**
 * Max-min fair rates, by progressive filling of all pipes side by side: a pipe whose flows all have
 * their least share in it is a bottleneck, fixes their rates, and what they leave over in their other
 * pipes is shared again. Long-lived TCP connections come near to it.
 */
export function shareFairly(f: Flows): void {
  const { pipes, rate, share, free, open } = f;
  if (pending.length < f.activeCount) pending = new Int32Array(2 * f.activeCount);
  openPipes(f);
  let left = f.activeCount;
  pending.set(f.active.subarray(0, left));
  for (let round = 1; left > 0; round++) {
    for (let p = 1; p < f.pipeCount; p++) {
      if (open[p]! > 0) share[p] = Math.max(0, free[p]! / open[p]!);
    }
    findLoose(f, left, round);
    left = settle(f, left, round);
    if (round < maxRounds) continue;
    for (let k = 0; k < left; k++) rate[pending[k]!] = leastShare(f, pipes, pending[k]!);
    return;
  }
}

function openPipes(f: Flows): void {
  const { pipes, open, active, activeCount } = f;
  open.fill(0, 0, f.pipeCount);
  f.loose.fill(0, 0, f.pipeCount);
  f.free.set(f.capacity.subarray(0, f.pipeCount));
  for (let k = 0; k < activeCount; k++) {
    const at = active[k]! * pipesPerFlow;
    for (let j = at; j < at + pipesPerFlow && pipes[j]! > 0; j++) open[pipes[j]!]!++;
  }
}

function leastShare(f: Flows, pipes: Int32Array, flow: number): number {
  const { share } = f;
  const at = flow * pipesPerFlow;
  let least = f.cap[flow]!;
  for (let j = at; j < at + pipesPerFlow && pipes[j]! > 0; j++) {
    const s = share[pipes[j]!]!;
    if (s < least) least = s;
  }
  return least;
}

/** Notes the least share of each flow in `rate`, and the pipes that are no bottleneck for one of theirs. */
function findLoose(f: Flows, left: number, round: number): void {
  const { pipes, rate, share, loose } = f;
  for (let k = 0; k < left; k++) {
    const flow = pending[k]!;
    const least = leastShare(f, pipes, flow);
    rate[flow] = least;
    const limit = least * (1 + 1e-9);
    const at = flow * pipesPerFlow;
    for (let j = at; j < at + pipesPerFlow && pipes[j]! > 0; j++) {
      const p = pipes[j]!;
      if (share[p]! > limit) loose[p] = round;
    }
  }
}

/** Fixes the flows that have a bottleneck. @returns how many are left. */
function settle(f: Flows, left: number, round: number): number {
  const { pipes, rate, share, loose, free, open } = f;
  let kept = 0;
  for (let k = 0; k < left; k++) {
    const flow = pending[k]!;
    const r = rate[flow]!;
    const at = flow * pipesPerFlow;
    let settled = r >= f.cap[flow]!;
    for (let j = at; j < at + pipesPerFlow && pipes[j]! > 0 && !settled; j++) {
      const p = pipes[j]!;
      settled = loose[p] !== round && share[p]! <= r * (1 + 1e-9);
    }
    if (!settled) {
      pending[kept++] = flow;
      continue;
    }
    for (let j = at; j < at + pipesPerFlow && pipes[j]! > 0; j++) {
      const p = pipes[j]!;
      free[p]! -= r;
      open[p]!--;
    }
  }
  return kept;
}
