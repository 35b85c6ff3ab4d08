import { DownloadModes } from '@sluice/protocol';
import type { OriginRoute } from '../device/device-options.ts';
import type { Node, Route } from '../device/link.ts';
import type { MemberFacts } from '../device/membership.ts';
import type { Origin } from '../device/origin.ts';
import type { World } from '../device/world.ts';
import type { PipeId } from '../network/flow-network.ts';
import type { DeviceSpec, Scenario } from '../scenario/schema.ts';
import type { Site } from './sites.ts';
import { mbit } from './units.ts';

const defaultWindow = 6 << 20;

interface Place {
  index: number;
  facts: MemberFacts;
  site: Site;
  up: PipeId;
  down: PipeId;
  /** Bytes/s. */
  upRate: number;
  downRate: number;
}

/** Where everybody is, and over what they reach each other. */
export class Placement {
  readonly nodes = new Map<string, Node>();
  readonly #places: Place[] = [];
  readonly #window: number;

  constructor(scenario: Scenario) {
    this.#window = scenario.model?.windowBytes ?? defaultWindow;
  }

  add(world: World, site: Site, spec: DeviceSpec, peerId: string): Place {
    const { goodput = 1, mode = 'Lan', group = 'everybody' } = spec;
    const upRate = goodput * mbit(spec.upMbit);
    const downRate = goodput * mbit(spec.downMbit);
    const place = {
      index: this.#places.length,
      facts: {
        peerId,
        externalIp: site.address,
        scope: DownloadModes[mode],
        groupKey: mode === 'Group' ? group : undefined,
      },
      site,
      up: world.network.pipe(upRate),
      down: world.network.pipe(downRate),
      upRate,
      downRate,
    };
    this.#places.push(place);
    return place;
  }

  /** What `from` sends to `to` over. */
  route(from: number, to: number): Route {
    const [a, b] = [this.#places[from]!, this.#places[to]!];
    if (a.site === b.site) {
      return this.#route([a.up, b.down], a.site.lanMs, 'Lan');
    }
    const latencyMs = a.site.wanMs + b.site.wanMs;
    const pipes = [a.up, a.site.upPipe, b.site.downPipe, b.down];
    return this.#route(
      pipes,
      latencyMs,
      a.facts.scope === DownloadModes.Group ? 'Group' : 'Internet',
    );
  }

  #route(pipes: PipeId[], latencyMs: number, peerClass: Route['peerClass']): Route {
    const cap = latencyMs > 0 ? (1000 * this.#window) / (2 * latencyMs) : Number.POSITIVE_INFINITY;
    return { pipes, cap, latencyMs, peerClass };
  }
}

/** The origins as a device of the site reaches them. */
export function originRoutes(
  { source }: { source: Origin },
  site: Site,
  down: PipeId,
): OriginRoute[] {
  const http: OriginRoute = {
    origin: source,
    kind: 'http',
    pipes: [site.downPipe, down],
    latencyMs: site.sourceMs,
  };
  if (!site.cache) return [http];
  return [http, { origin: site.cache, kind: 'cache', pipes: [down], latencyMs: site.cacheMs }];
}
