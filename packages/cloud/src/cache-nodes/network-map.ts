import { ipToBytes } from '@sluice/protocol';
import type { Cidr } from './cidr.ts';

/** Values of networks, found by an address at the cost of a look for each length of prefix, however many there are. */
export class NetworkMap<V> {
  /** The longest prefixes first; by the bits that the prefix leaves. */
  readonly #sizes: { length: number; prefix: number; values: Map<string, V> }[] = [];

  /** The same network again takes the place of the first. */
  set(network: Cidr, value: V): void {
    const { length } = network.bytes;
    const { prefix } = network;
    let size = this.#sizes.find((each) => each.length === length && each.prefix === prefix);
    if (!size) {
      size = { length, prefix, values: new Map() };
      this.#sizes.push(size);
      this.#sizes.sort((a, b) => b.prefix - a.prefix);
    }
    size.values.set(bitsOf(network), value);
  }

  /** Of the narrowest network around the address. */
  find(ip: string): V | undefined {
    const bytes = ipToBytes(ip);
    if (!bytes) return undefined;
    for (const { length, prefix, values } of this.#sizes) {
      if (length !== bytes.length) continue;
      const value = values.get(bitsOf({ bytes, prefix }));
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

function bitsOf({ bytes, prefix }: Cidr): string {
  const kept = Buffer.alloc(bytes.length);
  for (let i = 0; i * 8 < prefix; i++) {
    const rest = prefix - i * 8;
    kept[i] = rest >= 8 ? bytes[i]! : bytes[i]! & (0xff00 >> rest);
  }
  return kept.toString('latin1');
}
