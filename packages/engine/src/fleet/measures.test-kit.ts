import assert from 'node:assert/strict';
import type { Device } from './device.test-kit.ts';
import { Fleet, type FleetOptions } from './fleet.test-kit.ts';

/** Runs the same fleet with several seeds: other peer ids, other jitter, other choices. */
export function eachSeed(
  options: Omit<FleetOptions, 'seed'>,
  play: (fleet: Fleet) => void,
  seeds = [1, 2, 3, 4],
): void {
  for (const seed of seeds) play(new Fleet({ ...options, seed }));
}

/** @throws AssertionError unless every device that lives to the end gets everything. */
export function runToEnd(fleet: Fleet): void {
  assert.ok(fleet.run(), 'somebody never finished');
  for (const d of survivors(fleet)) assert.ok(d.have.complete);
}

/** Copies of the content that left the HTTP source. */
export function copies(fleet: Fleet): number {
  return fleet.http.served / fleet.size;
}

/** Payload that came for nothing as a part of what was delivered; bad pieces are told apart. */
export function waste(fleet: Fleet): number {
  let payload = 0;
  let useful = 0;
  for (const d of fleet.devices) {
    payload += d.payload - d.bad;
    useful += d.bytes.http + d.bytes.cache + d.bytes.peer;
  }
  return (payload - useful) / useful;
}

/** When the last of these devices had everything, ms from its own start if they all started at 0. */
export function finishedAt(devices: Device[]): number {
  return Math.max(...devices.map((d) => d.finishedAt));
}

export function survivors(fleet: Fleet): Device[] {
  return fleet.devices.filter((d) => !d.dead);
}

/**
 * The fluid bound for devices that start together with nothing (Kumar & Ross 2006), ms:
 * max(F/u_s, F/d_min, N·F/(u_s + Σu_i)).
 */
export function boundMs(fleet: Fleet): number {
  const devices = survivors(fleet);
  const source = fleet.http.options.pipe.capacity;
  const up = devices.reduce((sum, d) => sum + d.up.capacity, 0);
  const slowest = Math.min(...devices.map((d) => d.down.capacity));
  const shared = (devices.length * fleet.size) / (source + up);
  return 1000 * Math.max(fleet.size / source, fleet.size / slowest, shared);
}

/** The same without peers: everybody gets everything over the thin link, ms. */
export function aloneMs(fleet: Fleet, count = survivors(fleet).length): number {
  const slowest = Math.min(...survivors(fleet).map((d) => d.down.capacity));
  const source = fleet.http.options.pipe.capacity;
  return 1000 * fleet.size * Math.max(count / source, 1 / slowest);
}

export interface Limits {
  /** Copies that leave the source. */
  copies?: number;
  /** Part of the delivered bytes. */
  waste?: number;
  /** Times the bound, plus `plusMs`. */
  ratio: number;
  plusMs?: number;
}

/** @throws AssertionError when the fleet did worse than it may. */
export function assertWithin(fleet: Fleet, limits: Limits): void {
  const { copies: most = 1.02, waste: wasted = 0.01, ratio, plusMs = 0 } = limits;
  assert.ok(copies(fleet) <= most, `${copies(fleet)} copies, not ${most}`);
  assert.ok(waste(fleet) <= wasted, `${waste(fleet)} wasted, not ${wasted}`);
  const ms = finishedAt(survivors(fleet));
  const limit = ratio * boundMs(fleet) + plusMs;
  assert.ok(ms <= limit, `${ms} ms, bound ${boundMs(fleet)}, limit ${limit}`);
}
