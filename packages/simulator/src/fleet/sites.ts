import { Origin } from '../device/origin.ts';
import type { World } from '../device/world.ts';
import type { PipeId } from '../network/flow-network.ts';
import type { Scenario, SiteSpec } from '../scenario/schema.ts';
import { schedule } from './outages.ts';
import { mbit } from './units.ts';

const defaultLanMs = 0.5;
const defaultWanMs = 10;
const defaultSourceMs = 10;
/** From the cache node's answer to the first byte, ms. */
const cacheAnswerMs = 1;

/** One site of a fleet. */
export interface Site {
  index: number;
  /** For people: the scenario's name, and which of them. */
  name: string;
  /** As the cloud sees it. */
  address: string;
  spec: SiteSpec;
  /** Its line, bytes/s; Infinity when it never limits. */
  down: number;
  up: number;
  downPipe: PipeId;
  upPipe: PipeId;
  lanMs: number;
  wanMs: number;
  cache: Origin | undefined;
  /** Payload that the cache node fetched over the line, bytes. */
  filled: number;
  /** Request to first byte of the source, and of the cache node, ms. */
  sourceMs: number;
  cacheMs: number;
}

export function buildSite(
  world: World,
  source: Origin,
  spec: SiteSpec,
  k: number,
  scenario: Scenario,
): Site {
  const { network } = world;
  const { lanMs = defaultLanMs, wanMs = defaultWanMs, goodput = 1 } = spec;
  const down = goodput * mbit(spec.downMbit ?? Number.POSITIVE_INFINITY);
  const up = goodput * mbit(spec.upMbit ?? Number.POSITIVE_INFINITY);
  const index = nextIndex(world);
  const site: Site = {
    index,
    name: `${spec.name}-${k + 1}`,
    address: `10.0.${index >> 8}.${index & 0xff}`,
    spec,
    down,
    up,
    // A line that never limits is no pipe.
    downPipe: down === Number.POSITIVE_INFINITY ? 0 : network.pipe(down),
    upPipe: up === Number.POSITIVE_INFINITY ? 0 : network.pipe(up),
    lanMs,
    wanMs,
    cache: undefined,
    filled: 0,
    sourceMs: 2 * (wanMs + (scenario.source.latencyMs ?? defaultSourceMs)),
    cacheMs: 2 * lanMs + cacheAnswerMs,
  };
  if (spec.cache) site.cache = buildCache(world, source, site, spec.cache);
  return site;
}

const indices = new WeakMap<World, number>();

function nextIndex(world: World): number {
  const index = indices.get(world) ?? 0;
  indices.set(world, index + 1);
  return index;
}

function buildCache(
  world: World,
  source: Origin,
  site: Site,
  spec: NonNullable<SiteSpec['cache']>,
): Origin {
  const fillPipe = world.network.pipe(mbit(spec.fillMbit ?? Number.POSITIVE_INFINITY));
  const options = {
    rate: mbit(spec.mbit),
    perConnection: Number.POSITIVE_INFINITY,
    maxConnections: spec.maxConnections ?? Number.POSITIVE_INFINITY,
    sequential: false,
  };
  const cache = new Origin(world, options, (piece, done) => {
    source.get([piece], {
      pipes: [site.downPipe, fillPipe],
      latencyMs: site.sourceMs,
      onPiece: () => {},
      onPayload: (bytes) => {
        site.filled += bytes;
      },
      onEnded: done,
    });
  });
  schedule(world, spec.down, (down) => (down ? cache.fail() : cache.recover()));
  return cache;
}
