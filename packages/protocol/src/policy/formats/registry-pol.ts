import { sluiceError } from '../../errors/index.ts';
import { gatherHours } from './gather-hours.ts';

/** Where Group Policy keeps the settings of Delivery Optimization, below HKLM (policies.md §1). */
export const groupPolicyKey = 'SOFTWARE\\Policies\\Microsoft\\Windows\\DeliveryOptimization';

const type = { text: 1, expandableText: 2, number: 4, numberBigEndian: 5, longNumber: 11 };
const maxEntries = 100_000;

/** Whether the bytes begin as a Registry.pol does. */
export function isRegistryPol(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'PReg';
}

/**
 * The settings of Delivery Optimization in a Registry.pol, unchecked: `PReg`, version 1, then entries
 * `[key;value;type;size;data]` in UTF-16LE. Other keys are passed over. A later entry replaces an
 * earlier one; the `**del` entries take away what came before.
 * @throws PolicyFileInvalid
 */
export function parseRegistryPol(bytes: Uint8Array, file: string): Record<string, unknown> {
  const reader = new PolReader(bytes, file);
  const values = new Map<string, unknown>();
  for (let entries = 0; !reader.isAtEnd; entries++) {
    if (entries >= maxEntries) throw reader.fault('too many entries');
    const { key, name, value } = reader.entry();
    if (key.toLowerCase() !== groupPolicyKey.toLowerCase()) continue;
    if (/^\*\*(delvals|deletevalues)/i.test(name)) values.clear();
    else if (/^\*\*del\./i.test(name)) values.delete(name.slice(6).toLowerCase());
    else if (!name.startsWith('**') && name !== '') values.set(name.toLowerCase(), { name, value });
  }
  const found = [...values.values()] as { name: string; value: unknown }[];
  return gatherHours(Object.fromEntries(found.map(({ name, value }) => [name, value])));
}

class PolReader {
  readonly #bytes: Buffer;
  readonly #file: string;
  #at = 8;

  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
    if (!isRegistryPol(bytes)) throw this.fault('it does not begin with PReg');
    const version = this.#bytes.readUInt32LE(4);
    if (version !== 1) throw this.fault(`version ${version} is not known`);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  fault(detail: string): Error {
    return sluiceError('PolicyFileInvalid', {
      file: this.#file,
      detail: `${detail} (at byte ${this.#at})`,
    });
  }

  entry(): { key: string; name: string; value: unknown } {
    this.#expect('[');
    const key = this.#text();
    this.#expect(';');
    const name = this.#text();
    this.#expect(';');
    const kind = this.#number();
    this.#expect(';');
    const size = this.#number();
    this.#expect(';');
    if (size > this.#bytes.length - this.#at) throw this.fault('an entry is cut off');
    const data = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    this.#expect(']');
    return { key, name, value: dataValue(kind, data) };
  }

  #unit(): number {
    if (this.#at + 2 > this.#bytes.length) throw this.fault('it is cut off');
    this.#at += 2;
    return this.#bytes.readUInt16LE(this.#at - 2);
  }

  #expect(character: string): void {
    if (this.#unit() !== character.charCodeAt(0)) throw this.fault(`“${character}” is missing`);
  }

  #number(): number {
    if (this.#at + 4 > this.#bytes.length) throw this.fault('it is cut off');
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  /** To the NUL that ends it. */
  #text(): string {
    const from = this.#at;
    while (this.#unit() !== 0);
    return this.#bytes.toString('utf16le', from, this.#at - 2);
  }
}

/** What is of no use as a setting stays a text that says so, and is told as a problem. */
function dataValue(kind: number, data: Buffer): unknown {
  if (kind === type.number && data.length === 4) return data.readUInt32LE(0);
  if (kind === type.numberBigEndian && data.length === 4) return data.readUInt32BE(0);
  if (kind === type.longNumber && data.length === 8) return Number(data.readBigUInt64LE(0));
  if (kind === type.text || kind === type.expandableText) {
    return data.toString('utf16le').replace(/\0.*$/s, '');
  }
  return `(registry type ${kind}, ${data.length} bytes)`;
}
