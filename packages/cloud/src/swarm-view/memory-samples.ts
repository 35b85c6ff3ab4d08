import {
  type DeviceSamples,
  type JoinSample,
  type JoinSamples,
  sampleLimits,
} from './join-samples.ts';

/** Those of one content, in the order of their last joins. */
interface Seen {
  tenant: string;
  contentId: string;
  at: number;
  devices: Map<string, DeviceSamples>;
}

/** What devices said to this process. */
export class MemorySamples implements JoinSamples {
  /** In the order of their last joins. */
  readonly #seen = new Map<string, Seen>();
  readonly #wallTime: () => number;

  constructor(wallTime: () => number) {
    this.#wallTime = wallTime;
  }

  note(tenant: string, contentId: string, sample: JoinSample): void {
    const key = keyOf(tenant, contentId);
    const seen = this.#seen.get(key) ?? { tenant, contentId, at: 0, devices: new Map() };
    seen.at = sample.at;
    moveToEnd(this.#seen, key, seen, sampleLimits.swarms);
    const device = seen.devices.get(sample.peerId) ?? { latest: sample, before: undefined };
    if (device.latest !== sample) {
      device.before = device.latest;
      device.latest = sample;
    }
    moveToEnd(seen.devices, sample.peerId, device, sampleLimits.devices);
  }

  forget(tenant: string, contentId: string, peerId: string): void {
    this.#seen.get(keyOf(tenant, contentId))?.devices.delete(peerId);
  }

  async contents(tenant: string) {
    const since = this.#wallTime() - sampleLimits.ageMs;
    return [...this.#seen.values()]
      .filter((seen) => seen.tenant === tenant && seen.at >= since && seen.devices.size > 0)
      .map(({ contentId, at }) => ({ contentId, at }))
      .reverse();
  }

  async devices(tenant: string, contentId: string): Promise<DeviceSamples[]> {
    const since = this.#wallTime() - sampleLimits.ageMs;
    const devices = this.#seen.get(keyOf(tenant, contentId))?.devices.values() ?? [];
    return [...devices].filter(({ latest }) => latest.at >= since);
  }

  async close(): Promise<void> {
    this.#seen.clear();
  }
}

/** No tenant's name holds a line break. */
function keyOf(tenant: string, contentId: string): string {
  return `${tenant}\n${contentId}`;
}

function moveToEnd<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value!);
}
