import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Fleet } from './build-fleet.ts';

const defaultStepMs = 1;
const defaultMaxSeconds = 21_600;
/** Real time between two looks at the signal and two reports of progress, ms: a step of a large fleet is long. */
const turnMs = 100;

export interface RunOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Real time, ms: only for when to look up from the work. */
  now?: (() => number) | undefined;
}

export interface Progress {
  /** Virtual time, ms. */
  nowMs: number;
  /** Pieces that devices have, of all that they shall have. */
  pieces: number;
  ofPieces: number;
  complete: number;
  devices: number;
}

/**
 * Runs a fleet until every device that is there has everything, nothing can happen any more, or its
 * time is over. The clock goes from event to event, but in steps of `stepMs` at least: in a step all
 * flows move on, all messages are delivered, then each device that heard anything acts once.
 * @throws the reason of `signal`
 */
export async function runFleet(
  fleet: Fleet,
  { signal, onProgress, now = () => performance.now() }: RunOptions,
): Promise<void> {
  const { world, scenario } = fleet;
  const stepMs = scenario.model?.stepMs ?? defaultStepMs;
  const endMs = 1000 * (scenario.model?.maxSeconds ?? defaultMaxSeconds);
  for (let turnAt = now() + turnMs; !isDone(fleet); ) {
    if (!step(fleet, stepMs, endMs)) break;
    if (world.array.isBusy) await world.array.settle();
    if (now() < turnAt) continue;
    onProgress?.(progressOf(fleet));
    await nextTurn();
    turnAt = now() + turnMs;
    signal?.throwIfAborted();
  }
  onProgress?.(progressOf(fleet));
}

/** @returns false when nothing is to come, or the time is over. */
function step(fleet: Fleet, stepMs: number, endMs: number): boolean {
  const { timeline, lines, network, attention } = fleet.world;
  const now = timeline.now();
  const next = Math.min(timeline.nextAt, lines.nextAt, now + network.nextEndIn());
  if (next > endMs) return false;
  const to = Math.max(next, now + stepMs);
  timeline.moveTo(to);
  network.advance(to - now);
  lines.fireDue(to);
  timeline.fireDue();
  attention.act();
  return true;
}

function isDone({ devices, pending }: Fleet): boolean {
  return pending === 0 && devices.every((d) => d.complete || !d.running);
}

function progressOf({ devices, world }: Fleet): Progress {
  let pieces = 0;
  let complete = 0;
  for (const d of devices) {
    pieces += d.haves.count;
    if (d.complete) complete++;
  }
  const ofPieces = devices.length * world.pieceCount;
  return { nowMs: world.timeline.now(), pieces, ofPieces, complete, devices: devices.length };
}
