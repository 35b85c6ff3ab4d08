import type { Fleet } from '../fleet/build-fleet.ts';
import { mbit } from '../fleet/units.ts';

/** What no fleet can beat, and which limit that is. */
export interface Bound {
  seconds: number;
  /**
   * - `source`: the copies that must leave the source, over its rate
   * - `downlink`: the content over the slowest device's way down
   * - `aggregate`: all that is missing over all that can send
   * - `siteLine`: what a site lacks over its line
   * - `siteAggregate`: what a site's devices lack over its line and all that send there
   */
  term: 'source' | 'downlink' | 'aggregate' | 'siteLine' | 'siteAggregate';
  /** Of which site, of the last two. */
  site?: string;
}

/**
 * The fluid bound of Kumar & Ross (HotWeb 2006), max(F/u_s, F/d_min, N·F/(u_s + Σu_i)), with the
 * same terms for each site and its line: a lower limit of the time from the first start until all
 * have everything, when they start together. Latency and the size of pieces are not in it.
 */
export function boundOf(fleet: Fleet): Bound {
  const { scenario, world } = fleet;
  const pieces = world.pieceCount;
  const size = pieces * world.pieceBytes;
  const source = sourceRate(fleet);
  const sites = fleet.sites.map((site) => ({ site, ...sumOf(fleet, site.index) }));
  const sum = (of: (s: (typeof sites)[number]) => number) => sites.reduce((n, s) => n + of(s), 0);
  const caches = sum((s) => (s.site.cache ? mbit(s.site.spec.cache!.mbit) : 0));
  const bounds: Bound[] = [
    { term: 'source', seconds: copiesNeeded(fleet) / source },
    { term: 'aggregate', seconds: sum((s) => s.missing) / (source + caches + sum((s) => s.up)) },
    { term: 'downlink', seconds: Math.max(...sites.map((s) => s.slowest)) },
  ];
  for (const { site, missing, up, union } of sites) {
    const own = site.cache ? mbit(site.spec.cache!.mbit) : 0;
    // What nobody on site has must come over the line once.
    const lacking = missing > 0 ? size - union : 0;
    const { name } = site;
    bounds.push({ term: 'siteLine', site: name, seconds: lacking / site.down });
    bounds.push({ term: 'siteAggregate', site: name, seconds: missing / (site.down + own + up) });
  }
  if (scenario.devices.length === 0) return bounds[0]!;
  return bounds.reduce((a, b) => (b.seconds > a.seconds ? b : a));
}

function sourceRate({ devices, source, world }: Fleet): number {
  const { rate, perConnection, maxConnections } = source.options;
  const connections = Math.min(maxConnections, devices.length * world.limits.maxFetches);
  return Math.min(rate, perConnection * connections);
}

interface SiteSum {
  /** Bytes that its devices lack at the start, together. */
  missing: number;
  /** Bytes/s that they can send together. */
  up: number;
  /** Bytes that at least one of them has. */
  union: number;
  /** The longest time that a device needs by its own way down, s. */
  slowest: number;
}

function sumOf({ devices, world }: Fleet, site: number): SiteSum {
  const result: SiteSum = { missing: 0, up: 0, union: 0, slowest: 0 };
  const mine = devices.filter((d) => d.options.site === site);
  const union = new Set<number>();
  for (const d of mine) {
    const missing = (world.pieceCount - d.initialPieces.count) * world.pieceBytes;
    result.missing += missing;
    result.up += d.options.facts.scope === 0 ? 0 : d.options.up;
    result.slowest = Math.max(result.slowest, missing / d.options.down);
    for (let p = d.initialPieces.nextSet(0); p >= 0; p = d.initialPieces.nextSet(p + 1))
      union.add(p);
  }
  result.union = union.size * world.pieceBytes;
  return result;
}

/** Bytes that must leave the source: a copy for each group of devices that can reach each other. */
function copiesNeeded({ devices, sites, world }: Fleet): number {
  const parts = new Map<string, { has: Set<number>; lacks: boolean }>();
  let bytes = 0;
  for (const d of devices) {
    const { scope, groupKey, externalIp } = d.options.facts;
    const missing = world.pieceCount - d.initialPieces.count;
    const hasCache = sites[d.options.site]!.cache !== undefined;
    if (scope === 0 && !hasCache) {
      bytes += missing * world.pieceBytes;
      continue;
    }
    const key = scope === 3 ? 'Internet' : scope === 2 ? `Group ${groupKey}` : externalIp;
    const part = parts.get(key) ?? { has: new Set<number>(), lacks: false };
    parts.set(key, part);
    part.lacks ||= missing > 0;
    for (let p = d.initialPieces.nextSet(0); p >= 0; p = d.initialPieces.nextSet(p + 1))
      part.has.add(p);
  }
  // Devices of one site may know each other although their modes differ: one copy is sure to be needed.
  const needed = [...parts.values()].filter((part) => part.lacks);
  const modes = new Set(devices.map((d) => d.options.facts.scope));
  const counted = modes.size > 1 ? needed.slice(0, 1) : needed;
  for (const part of counted) bytes += (world.pieceCount - part.has.size) * world.pieceBytes;
  return bytes;
}
