import { PieceMap, seededRandom, Timeline } from '@sluice/protocol';
import { Attention } from '../clock/attention.ts';
import { DelayLines } from '../clock/delay-line.ts';
import { ArrayService } from '../device/array-service.ts';
import { ControlBytes } from '../device/control-bytes.ts';
import { Device } from '../device/device.ts';
import { HaveLogs } from '../device/have-log.ts';
import type { Node } from '../device/link.ts';
import { Origin } from '../device/origin.ts';
import { Villain } from '../device/villain.ts';
import type { World } from '../device/world.ts';
import { FlowNetwork } from '../network/flow-network.ts';
import type { DeviceSpec, Scenario } from '../scenario/schema.ts';
import { isOut, schedule } from './outages.ts';
import { originRoutes, Placement } from './placement.ts';
import { buildSite, type Site } from './sites.ts';
import { mbit } from './units.ts';

/** Sizes and rates that a scenario need not give. */
const defaultPieceBytes = 1 << 20;
const defaultLimits = { members: 50, incoming: 40, slots: 16, turnMs: 10_000, maxFetches: 4 };
const defaultVerifyMbit = 8_000;
/** Nobody starts at the very same moment, ms. */
const jitterMs = 10;

export interface Fleet {
  scenario: Scenario;
  world: World;
  source: Origin;
  sites: Site[];
  devices: Device[];
  /** Starts, leaves and returns still to come. */
  pending: number;
  /** Those that are not there, and shall be: their start or return is still to come. */
  awaited: Set<Device>;
}

/** Makes everything that a scenario describes; nothing has happened yet. */
export function buildFleet(scenario: Scenario, seed: number): Fleet {
  const random = seededRandom(seed);
  const world = buildWorld(scenario, random);
  const { source: spec, cloud } = scenario;
  const source = new Origin(world, {
    rate: mbit(spec.mbit) * (spec.goodput ?? 1),
    perConnection: mbit(spec.perConnectionMbit ?? Number.POSITIVE_INFINITY),
    maxConnections: spec.maxConnections ?? Number.POSITIVE_INFINITY,
    sequential: spec.sequential ?? false,
  });
  schedule(world, spec.down, (down) => (down ? source.fail() : source.recover()));
  const sites = scenario.sites.flatMap((s) =>
    Array.from({ length: s.count ?? 1 }, (_, k) => buildSite(world, source, s, k, scenario)),
  );
  const fleet: Fleet = {
    scenario,
    world,
    source,
    sites,
    devices: [],
    pending: 0,
    awaited: new Set(),
  };
  const placement = new Placement(scenario);
  for (const group of scenario.devices) {
    for (const site of sites.filter((s) => s.spec.name === group.site)) {
      addDevices(fleet, group, site, placement, random, () => isOut(world, cloud?.down));
    }
  }
  return fleet;
}

function buildWorld(scenario: Scenario, random: () => number): World {
  const timeline = new Timeline();
  const pieceBytes = scenario.content.pieceBytes ?? defaultPieceBytes;
  return {
    timeline,
    lines: new DelayLines(),
    network: new FlowNetwork(),
    array: new ArrayService(timeline, random),
    control: new ControlBytes(),
    logs: new HaveLogs(),
    pieceCount: scenario.content.pieces,
    pieceBytes,
    verifyMs: (1000 * pieceBytes) / mbit(scenario.model?.verifyMbit ?? defaultVerifyMbit),
    random,
    limits: {
      ...defaultLimits,
      ...scenario.limits,
      fixed: scenario.limits?.slots !== undefined,
    },
    attention: new Attention(),
  };
}

function addDevices(
  fleet: Fleet,
  spec: DeviceSpec,
  site: Site,
  placement: Placement,
  random: () => number,
  isCloudDown: () => boolean,
): void {
  const { world } = fleet;
  const added: Device[] = [];
  for (let k = 0; k < (spec.count ?? 1); k++) {
    const peerId = `${hex(random)}${hex(random)}${hex(random)}${hex(random)}00000000`;
    const place = placement.add(world, site, spec, peerId);
    const common = {
      index: place.index,
      facts: place.facts,
      site: site.index,
      cloudMs: site.wanMs + (fleet.scenario.cloud?.latencyMs ?? 10),
      isCloudReachable: () => !isCloudDown() && !isOut(world, site.spec.cloudDown),
      routeTo: (other: Node) => placement.route(place.index, other.index),
    };
    const startMs = 1000 * ((spec.startSeconds ?? 0) + k * (spec.everySeconds ?? 0));
    const { behaviour = 'honest' } = spec;
    if (behaviour !== 'honest') {
      const villain = new Villain(world, behaviour, common);
      placement.nodes.set(peerId, villain);
      world.timeline.setTimer(startMs, () => villain.start());
      continue;
    }
    const device = new Device(world, {
      ...common,
      origins: originRoutes(fleet, site, place.down),
      up: place.upRate,
      down: place.downRate,
      has: someOf(world.pieceCount, spec.has ?? 0, random),
      random: seededRandom(Math.floor(random() * 2 ** 32)),
      foreground: spec.foreground ?? false,
      peerOf: (id) => placement.nodes.get(id),
    });
    placement.nodes.set(peerId, device);
    added.push(device);
    startAt(fleet, startMs + jitterMs * random(), device);
  }
  fleet.devices.push(...added);
  for (const leave of spec.leaves ?? []) planLeave(fleet, added, leave, random);
}

function planLeave(
  fleet: Fleet,
  devices: Device[],
  leave: NonNullable<DeviceSpec['leaves']>[number],
  random: () => number,
): void {
  at(fleet, 1000 * leave.at, () => {
    for (const device of devices) {
      if (!device.running || random() >= (leave.share ?? 1)) continue;
      device.stop(!leave.silent);
      if (leave.backAfter !== undefined) startAt(fleet, 1000 * leave.backAfter, device);
    }
  });
}

function startAt(fleet: Fleet, ms: number, device: Device): void {
  fleet.awaited.add(device);
  at(fleet, ms, () => {
    fleet.awaited.delete(device);
    device.start();
  });
}

function at(fleet: Fleet, ms: number, fn: () => void): void {
  fleet.pending++;
  fleet.world.timeline.setTimer(ms, () => {
    fleet.pending--;
    fn();
  });
}

function someOf(pieceCount: number, share: number, random: () => number): PieceMap {
  if (share === 1) return PieceMap.full(pieceCount);
  const has = new PieceMap(pieceCount);
  if (share > 0) for (let p = 0; p < pieceCount; p++) if (random() < share) has.set(p);
  return has;
}

function hex(random: () => number): string {
  return Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}
