import type { Advert } from '@sluice/protocol';
import type { LocalDiscovery, LocalListener } from '../local-discovery.ts';

/** A local network in this process, on which everything is heard at once. */
export class FakeLan {
  readonly devices: FakeLanDevice[] = [];
  /** How long adverts hold, ms. */
  ttlMs = 1_200_000;

  /** @param addresses where others reach the device. */
  join(...addresses: string[]): FakeLanDevice {
    const device = new FakeLanDevice(this, addresses);
    this.devices.push(device);
    return device;
  }

  tell(from: FakeLanDevice, advert: Advert): void {
    const { addresses } = from;
    for (const other of this.#others(from)) {
      other.listener?.seen({ advert: structuredClone(advert), addresses, ttlMs: this.ttlMs });
    }
  }

  bye(from: FakeLanDevice, { peerId }: Advert): void {
    for (const other of this.#others(from)) other.listener?.gone(peerId, from.addresses[0]!);
  }

  #others(from: FakeLanDevice): FakeLanDevice[] {
    return this.devices.filter((d) => d !== from);
  }
}

export class FakeLanDevice implements LocalDiscovery {
  readonly addresses: string[];
  listener: LocalListener | undefined;
  /** What it says at the moment. */
  advert: Advert | undefined;
  /** All that it ever said. */
  readonly said: (Advert | undefined)[] = [];
  asked = 0;
  closed = false;
  readonly #lan: FakeLan;

  constructor(lan: FakeLan, addresses: string[]) {
    this.#lan = lan;
    this.addresses = addresses;
  }

  async open(listener: LocalListener): Promise<void> {
    this.listener = listener;
  }

  publish(advert: Advert | undefined): void {
    const old = this.advert;
    this.advert = advert;
    this.said.push(advert);
    if (advert) this.#lan.tell(this, advert);
    else if (old) this.#lan.bye(this, old);
  }

  ask(): void {
    this.asked++;
    for (const { advert } of this.#lan.devices.filter((d) => d !== this && d.advert)) {
      const from = this.#lan.devices.find((d) => d.advert === advert)!;
      this.listener?.seen({ advert: advert!, addresses: from.addresses, ttlMs: this.#lan.ttlMs });
    }
  }

  async close(): Promise<void> {
    this.publish(undefined);
    this.closed = true;
    this.listener = undefined;
  }
}
