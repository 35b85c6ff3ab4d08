import {
  type DeviceSamples,
  type JoinSample,
  type JoinSamples,
  sampleLimits,
} from './join-samples.ts';
import { Lasting } from './lasting.ts';

interface Seen {
  contentId: string;
  /** When it was joined, ms since 1970. */
  at: number;
  devices: Lasting<DeviceSamples>;
}

/** What devices said to this process. */
export class MemorySamples implements JoinSamples {
  /** By tenant and content. */
  readonly #tenants = new Map<string, Lasting<Seen>>();
  readonly #wallTime: () => number;

  constructor(wallTime: () => number) {
    this.#wallTime = wallTime;
  }

  note(tenant: string, contentId: string, peerId: string, said: () => JoinSample): void {
    const all = this.#of(tenant);
    let seen = all.get(contentId);
    if (!seen) {
      const at = this.#wallTime();
      seen = seenOf(contentId, at);
      if (!all.add(seen, at)) return;
    }
    const device = seen.devices.get(peerId);
    const latest = said();
    seen.at = latest.at;
    if (!device) seen.devices.add({ latest, before: undefined }, latest.at);
    else {
      device.before = device.latest;
      device.latest = latest;
    }
  }

  forget(tenant: string, contentId: string, peerId: string): void {
    const all = this.#of(tenant);
    const devices = all.get(contentId)?.devices;
    devices?.delete(peerId);
    if (devices?.size === 0) all.delete(contentId);
  }

  async contents(tenant: string) {
    const since = this.#wallTime() - sampleLimits.ageMs;
    return this.#of(tenant)
      .values()
      .filter(({ at, devices }) => at >= since && devices.size > 0)
      .map(({ contentId, at }) => ({ contentId, at }))
      .sort((a, b) => b.at - a.at);
  }

  async devices(tenant: string, contentId: string): Promise<DeviceSamples[]> {
    const now = this.#wallTime();
    const all = this.#of(tenant);
    const seen = all.get(contentId);
    if (!seen) all.insist(seenOf(contentId, now));
    const devices = seen?.devices.values() ?? [];
    return devices.filter(({ latest }) => latest.at >= now - sampleLimits.ageMs);
  }

  async close(): Promise<void> {}

  #of(tenant: string): Lasting<Seen> {
    let all = this.#tenants.get(tenant);
    if (!all) {
      all = new Lasting(
        sampleLimits.swarms,
        ({ contentId }) => contentId,
        ({ at }) => at,
      );
      this.#tenants.set(tenant, all);
    }
    return all;
  }
}

function seenOf(contentId: string, at: number): Seen {
  const devices = new Lasting<DeviceSamples>(
    sampleLimits.devices,
    ({ latest }) => latest.peerId,
    ({ latest }) => latest.at,
  );
  return { contentId, at, devices };
}
