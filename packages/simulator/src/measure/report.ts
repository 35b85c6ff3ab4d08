import type { Device } from '../device/device.ts';
import type { Fleet } from '../fleet/build-fleet.ts';
import { type Bound, boundOf } from './bound.ts';
import { httpAloneSeconds } from './http-alone.ts';
import { jainIndex, percentile } from './statistics.ts';

/** Times, s, from a device's own start; those that never finished count as Infinity (null in JSON). */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
  p999: number;
  last: number;
}

/** What came of a run. Bytes are payload unless they are called control. */
export interface Report {
  name: string;
  seed: number;
  /** Those that lacked something at the start. */
  devices: number;
  /** Of them, neither complete at the end nor gone for good; who has not begun or not come back is one. */
  incomplete: number;
  contentBytes: number;
  pieces: number;
  /** Virtual time of the whole run. */
  seconds: number;
  times: Percentiles;
  bound: Bound;
  /** `times` as multiples of the bound, which holds for devices that start together. */
  ratio: Percentiles;
  /** The longest time of a device as a multiple of what HTTP alone would take it. */
  toHttpAlone: number;
  /** Copies of the content that left the source. */
  sourceCopies: number;
  /** … that crossed the line of a site from the source: the most, and the mean of sites where somebody wanted it. */
  siteCopies: { most: number; mean: number };
  bytes: { source: number; cache: number; lan: number; group: number; internet: number };
  /** Parts of what was delivered. */
  peerShare: number;
  cacheShare: number;
  /** Bytes that came twice or in vain, as a part of all that came; bad pieces are told apart. */
  duplicates: number;
  badBytes: number;
  /** Jain index of what the devices sent. */
  fairness: number;
  control: {
    bytes: number;
    haves: number;
    requests: number;
    claims: number;
    greetings: number;
    array: number;
  };
  decisions: number;
}

export function reportOf(fleet: Fleet, seed: number): Report {
  const { devices, world, source, scenario } = fleet;
  const { control } = world;
  const size = world.pieceCount * world.pieceBytes;
  const fetchers = devices.filter((d) => !d.initialPieces.complete);
  const bytes = bytesBySource(devices);
  const delivered = Object.values(bytes).reduce((a, b) => a + b, 0);
  // Who went away for good is not waited for.
  const awaited = fetchers.filter((d) => d.complete || d.running || fleet.awaited.has(d));
  const times = timesOf(awaited);
  const bound = boundOf(fleet);
  const peers = bytes.lan + bytes.group + bytes.internet;
  const total = (of: (d: Device) => number) => devices.reduce((sum, d) => sum + of(d), 0);
  const came = total((d) => d.payload - d.bad);
  return {
    name: scenario.name,
    seed,
    devices: fetchers.length,
    incomplete: awaited.filter((d) => !d.complete).length,
    contentBytes: size,
    pieces: world.pieceCount,
    seconds: world.timeline.now() / 1000,
    times,
    bound,
    ratio: ratioOf(times, bound.seconds),
    toHttpAlone: slowestToHttpAlone(fleet, new Set(awaited)),
    sourceCopies: source.served / size,
    siteCopies: siteCopiesOf(fleet, size),
    bytes,
    peerShare: partOf(delivered, peers),
    cacheShare: partOf(delivered, bytes.cache),
    duplicates: partOf(came, came - delivered),
    badBytes: total((d) => d.bad),
    fairness: jainIndex(devices.map((d) => d.uploaded)),
    control: {
      bytes: control.total,
      haves: control.haves,
      requests: control.requests,
      claims: control.claims,
      greetings: control.greetings,
      array: control.array,
    },
    decisions: total((d) => d.decisions),
  };
}

/** Of nothing none. */
function partOf(whole: number, bytes: number): number {
  return whole > 0 ? bytes / whole : 0;
}

function timesOf(devices: Device[]): Percentiles {
  const seconds = devices.map(secondsOf).sort((a, b) => a - b);
  return {
    p50: percentile(seconds, 0.5),
    p95: percentile(seconds, 0.95),
    p99: percentile(seconds, 0.99),
    p999: percentile(seconds, 0.999),
    last: percentile(seconds, 1),
  };
}

/** Infinity of who is not complete. */
function secondsOf({ complete, finishedAt, startedAt, awayMs }: Device): number {
  return complete ? (finishedAt - startedAt - awayMs) / 1000 : Number.POSITIVE_INFINITY;
}

function ratioOf(times: Percentiles, seconds: number): Percentiles {
  const { p50, p95, p99, p999, last } = times;
  const of = (t: number) => t / seconds;
  return { p50: of(p50), p95: of(p95), p99: of(p99), p999: of(p999), last: of(last) };
}

function slowestToHttpAlone(fleet: Fleet, devices: Set<Device>): number {
  const alone = httpAloneSeconds(fleet);
  let slowest = 0;
  fleet.devices.forEach((d, k) => {
    if (alone[k] === 0 || !devices.has(d)) return;
    slowest = Math.max(slowest, secondsOf(d) / alone[k]!);
  });
  return slowest;
}

function bytesBySource(devices: Device[]): Report['bytes'] {
  const bytes = { source: 0, cache: 0, lan: 0, group: 0, internet: 0 };
  for (const d of devices) {
    bytes.source += d.bytes.http;
    bytes.cache += d.bytes.cache;
    bytes.lan += d.bytes.Lan;
    bytes.group += d.bytes.Group;
    bytes.internet += d.bytes.Internet;
  }
  return bytes;
}

function siteCopiesOf({ devices, sites }: Fleet, size: number): Report['siteCopies'] {
  const bytes = sites.map((s) => s.filled);
  const tookPart = new Set<number>();
  for (const { options, fromSource, startedAt, initialPieces } of devices) {
    bytes[options.site]! += fromSource;
    if (!initialPieces.complete && !Number.isNaN(startedAt)) tookPart.add(options.site);
  }
  const most = bytes.reduce((a, b) => Math.max(a, b), 0);
  // Nobody else has anything come over a line.
  const sum = bytes.reduce((a, b) => a + b, 0);
  return { most: most / size, mean: sum / size / Math.max(1, tookPart.size) };
}
