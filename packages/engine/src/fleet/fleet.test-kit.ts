import { PieceMap, seededRandom, Timeline } from '@sluice/protocol';
import { Device } from './device.test-kit.ts';
import type { DeviceOptions } from './device-options.test-kit.ts';
import { FlowNetwork } from './flow-network.test-kit.ts';
import { Link, type Node, type Wires } from './link.test-kit.ts';
import { Origin, type OriginOptions } from './origin.test-kit.ts';
import { Villain, type Villainy } from './villain.test-kit.ts';

/** Bytes/s of a link of so many megabits per second. */
export const mbit = (n: number): number => n * 125_000;

export interface FleetOptions {
  pieceCount: number;
  pieceSize?: number;
  seed?: number;
  /** The site's line to the HTTP source, bytes/s. */
  http: number;
  origin?: Partial<OriginOptions>;
  /** A cache node on site, its way up, bytes/s. */
  cache?: number;
  /** Until it sends the first byte, ms. */
  cacheLatencyMs?: number;
  device?: Partial<DeviceOptions>;
}

/** Devices of one site on a virtual clock: an in-memory network, one thin line to the HTTP source. */
export class Fleet {
  readonly timeline = new Timeline();
  readonly network = new FlowNetwork();
  readonly wires: Wires;
  readonly http: Origin;
  readonly cache: Origin | undefined;
  readonly devices: Device[] = [];
  readonly #options: FleetOptions;
  readonly #nodes: Node[] = [];
  readonly #random: () => number;
  #names = 1;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed ?? 1);
    const { timeline, network } = this;
    this.wires = { timeline, network, pieceSize: options.pieceSize ?? 1 << 20, latencyMs: 1 };
    const pipe = { capacity: options.http };
    this.http = new Origin(this.wires, { pipe, latencyMs: 20, ...options.origin });
    if (options.cache) {
      const cachePipe = {
        pipe: { capacity: options.cache },
        latencyMs: options.cacheLatencyMs ?? 2,
      };
      this.cache = new Origin(this.wires, cachePipe, this.http);
    }
  }

  /** All content bytes. */
  get size(): number {
    return this.#options.pieceCount * this.wires.pieceSize;
  }

  /** A device that starts at `at` ms and connects to all that run then. */
  add(at = 0, options: Partial<DeviceOptions> = {}): Device {
    const device = new Device(this.wires, {
      index: this.#names++,
      pieceCount: this.#options.pieceCount,
      up: mbit(1000),
      down: mbit(1000),
      origins: [
        { origin: this.http, kind: 'http' },
        ...(this.cache ? [{ origin: this.cache, kind: 'cache' as const }] : []),
      ],
      has: new PieceMap(this.#options.pieceCount),
      seed: this.#options.seed ?? 1,
      foreground: false,
      sameSite: true,
      maxFetches: 4,
      slots: 16,
      turnMs: 10_000,
      graceMs: 50,
      ...this.#options.device,
      ...options,
    });
    this.devices.push(device);
    // Nobody starts at the very same millisecond.
    this.timeline.setTimer(at + 10 * this.#random(), () => {
      device.start();
      this.#join(device);
    });
    return device;
  }

  addMany(count: number, everyMs = 0): Device[] {
    return Array.from({ length: count }, (_, k) => this.add(k * everyMs));
  }

  villain(villainy: Villainy, claimedRate = 0): void {
    const index = this.#names++;
    const options = { index, pieceCount: this.#options.pieceCount, rate: mbit(1000), claimedRate };
    this.#join(new Villain(this.wires, villainy, options));
  }

  at(ms: number, fn: () => void): void {
    this.timeline.setTimer(ms, fn);
  }

  /** Runs until every running device is complete. @returns false when that is not so after `limitMs`. */
  run(limitMs = 3_600_000): boolean {
    while (this.timeline.now() < limitMs) {
      let decided = true;
      while (decided) {
        decided = false;
        for (const d of this.devices) decided = d.decideIfDirty() || decided;
      }
      if (this.#done()) return true;
      const step = Math.min(this.timeline.nextAt - this.timeline.now(), this.network.nextEndIn());
      if (step === Number.POSITIVE_INFINITY) return false;
      this.timeline.moveTo(this.timeline.now() + step);
      this.network.advance(step);
      this.timeline.fireDue();
    }
    return false;
  }

  #done(): boolean {
    // Devices that have not started yet are still to come; the dead are not waited for.
    return this.devices.every((d) => (d.running ? d.have.complete : d.dead));
  }

  #join(node: Node): void {
    for (const other of this.#nodes) {
      if (!other.running) continue;
      this.timeline.setTimer(2, () => {
        if (node.running && other.running) Link.connect(this.wires, node, other);
      });
    }
    this.#nodes.push(node);
  }
}
