import type { SpaceItem } from '../../src/store/eviction/drive-space.ts';
import type { EvictionPolicy } from '../../src/store/eviction/eviction-policy.ts';
import { MiB, type Trace } from './trace.ts';

export interface Ratios {
  /** Of the bytes that were asked for, the part that was there. */
  bytes: number;
  /** Of the requests (parts of up to 16 MiB), the part that found all of it there. */
  requests: number;
  /** Nanoseconds per piece and access, all in all. */
  nanoseconds: number;
}

/** What decides; the store's own `DriveSpace` is one. */
export interface Space {
  add(item: SpaceItem): void;
  served(item: SpaceItem, bytes: number): void;
  change(item: SpaceItem, stored: number, reserved: number): void;
  makeRoom(): SpaceItem[];
}

/** A rival with the same limits as ours: above `capacity` it has go until `batch` is free. */
export function spaceOf(
  policy: EvictionPolicy<SpaceItem>,
  { capacity, batch }: { capacity: number; batch: number },
): Space {
  return {
    add: (item) => policy.add(item),
    served: (item, bytes) => policy.served(item, bytes),
    change(item, stored) {
      item.bytes += stored;
      policy.reweigh(item, item.bytes);
    },
    makeRoom() {
      const gone: SpaceItem[] = [];
      if (policy.weight <= capacity) return gone;
      while (policy.weight > capacity - batch) {
        const item = policy.evict(({ users }) => users > 0);
        if (!item) break;
        gone.push(item);
      }
      return gone;
    },
  };
}

const plain = { className: '', pinned: false };

/** A data file of the cache. */
class Unit implements SpaceItem {
  readonly object = plain;
  weight = 0;
  bytes = 0;
  reserved = 0;
  users = 0;
  queue = undefined;
  older = undefined;
  newer = undefined;
  heat = 0;
  credit = 0;
  readonly key: number;
  readonly id: number;
  readonly pieces = new Set<number>();

  constructor(id: number) {
    this.id = id;
    this.key = Math.imul(id + 1, 0x9e3779b1) >>> 0;
  }
}

/** A day of requests. @param unitPieces pieces of 1 MiB that go together */
export function replay({ objects, events }: Trace, space: Space, unitPieces: number): Ratios {
  const units = new Map<number, Unit>();
  const firstUnit = firstUnits(objects, unitPieces);
  const totals = { bytes: 0, hit: 0, whole: 0, pieces: 0 };
  const began = performance.now();
  for (const { object, start, end } of events) {
    const { length } = objects[object]!;
    let missing = 0;
    for (let piece = Math.floor(start / MiB); piece * MiB < end; piece++) {
      const id = firstUnit[object]! + Math.floor(piece / unitPieces);
      const bytes = Math.min(length, (piece + 1) * MiB) - piece * MiB;
      totals.bytes += bytes;
      totals.pieces++;
      let unit = units.get(id);
      if (unit?.pieces.has(piece)) {
        totals.hit += bytes;
        space.served(unit, bytes);
        continue;
      }
      missing++;
      if (!unit) {
        unit = new Unit(id);
        units.set(id, unit);
        space.add(unit);
      }
      unit.pieces.add(piece);
      unit.users = 1;
      space.change(unit, bytes, 0);
      for (const gone of space.makeRoom()) units.delete((gone as Unit).id);
      unit.users = 0;
    }
    if (missing === 0) totals.whole++;
  }
  return {
    bytes: totals.hit / totals.bytes,
    requests: totals.whole / events.length,
    nanoseconds: ((performance.now() - began) * 1e6) / totals.pieces,
  };
}

/** The number of each object's first unit. */
function firstUnits(objects: Trace['objects'], unitPieces: number): Float64Array {
  const first = new Float64Array(objects.length);
  let units = 0;
  objects.forEach(({ length }, i) => {
    first[i] = units;
    units += Math.ceil(length / MiB / unitPieces);
  });
  return first;
}
