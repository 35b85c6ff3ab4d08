import { Timeline } from '@sluice/protocol';
import { Attention } from '../clock/attention.ts';
import { DelayLines } from '../clock/delay-line.ts';
import { ArrayService } from '../device/array-service.ts';
import { ControlBytes } from '../device/control-bytes.ts';
import { HaveLogs } from '../device/have-log.ts';
import type { World } from '../device/world.ts';
import { FlowNetwork } from '../network/flow-network.ts';

/** A world without devices, of pieces of 1 MB. */
export function testWorld(pieceCount = 8): World {
  const timeline = new Timeline();
  return {
    timeline,
    lines: new DelayLines(),
    network: new FlowNetwork(),
    array: new ArrayService(timeline, () => 0.5),
    control: new ControlBytes(),
    logs: new HaveLogs(),
    pieceCount,
    pieceBytes: 1_000_000,
    verifyMs: 1,
    random: () => 0.5,
    limits: { members: 50, incoming: 40, slots: 16, fixed: false, turnMs: 10_000, maxFetches: 4 },
    attention: new Attention(),
  };
}

/** Plays a world to a time, ms, from event to event. */
export function playTo(world: World, end: number): void {
  const { timeline, lines, network } = world;
  while (timeline.now() < end) {
    const next = Math.min(timeline.nextAt, lines.nextAt, timeline.now() + network.nextEndIn(), end);
    const ms = next - timeline.now();
    timeline.moveTo(next);
    network.advance(ms);
    lines.fireDue(next);
    timeline.fireDue();
  }
}
