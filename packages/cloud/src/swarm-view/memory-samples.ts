import {
  type DeviceSamples,
  type JoinSample,
  type JoinSamples,
  sampleLimits,
} from './join-samples.ts';
import { Lasting } from './lasting.ts';

interface Seen {
  tenant: string;
  contentId: string;
  /** When it was joined, ms since 1970. */
  at: number;
  devices: Lasting<DeviceSamples>;
}

/** What devices said to this process. */
export class MemorySamples implements JoinSamples {
  readonly #seen = new Lasting<Seen>(sampleLimits.swarms, ({ at }) => at);
  readonly #wallTime: () => number;

  constructor(wallTime: () => number) {
    this.#wallTime = wallTime;
  }

  note(tenant: string, contentId: string, peerId: string, said: () => JoinSample): void {
    const key = keyOf(tenant, contentId);
    let seen = this.#seen.get(key);
    if (!seen) {
      const at = this.#wallTime();
      seen = seenOf(tenant, contentId, at);
      if (!this.#seen.add(key, seen, at)) return;
    }
    const device = seen.devices.get(peerId);
    const latest = said();
    seen.at = latest.at;
    if (!device) seen.devices.add(peerId, { latest, before: undefined }, latest.at);
    else {
      device.before = device.latest;
      device.latest = latest;
    }
  }

  forget(tenant: string, contentId: string, peerId: string): void {
    const key = keyOf(tenant, contentId);
    const devices = this.#seen.get(key)?.devices;
    devices?.delete(peerId);
    if (devices?.size === 0) this.#seen.delete(key);
  }

  async contents(tenant: string) {
    const since = this.#wallTime() - sampleLimits.ageMs;
    return this.#seen
      .values()
      .filter((seen) => seen.tenant === tenant && seen.at >= since && seen.devices.size > 0)
      .map(({ contentId, at }) => ({ contentId, at }))
      .sort((a, b) => b.at - a.at);
  }

  async devices(tenant: string, contentId: string): Promise<DeviceSamples[]> {
    const now = this.#wallTime();
    const key = keyOf(tenant, contentId);
    const seen = this.#seen.get(key);
    if (!seen) this.#seen.insist(key, seenOf(tenant, contentId, now));
    const devices = seen?.devices.values() ?? [];
    return devices.filter(({ latest }) => latest.at >= now - sampleLimits.ageMs);
  }

  async close(): Promise<void> {}
}

function seenOf(tenant: string, contentId: string, at: number): Seen {
  const devices = new Lasting<DeviceSamples>(sampleLimits.devices, ({ latest }) => latest.at);
  return { tenant, contentId, at, devices };
}

/** No tenant's name holds a line break. */
function keyOf(tenant: string, contentId: string): string {
  return `${tenant}\n${contentId}`;
}
