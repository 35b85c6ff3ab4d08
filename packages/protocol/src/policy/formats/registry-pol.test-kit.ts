import { groupPolicyKey } from './registry-pol.ts';

export interface PolEntry {
  key?: string;
  name: string;
  /** 1 text, 4 number. */
  type: 1 | 4;
  data: string | number;
}

/** A Registry.pol with these entries. */
export function registryPol(entries: readonly PolEntry[]): Buffer {
  const text = (s: string) => Buffer.from(s, 'utf16le');
  const number = (n: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(n);
    return bytes;
  };
  const parts = [Buffer.from('PReg'), number(1)];
  for (const { key = groupPolicyKey, name, type, data } of entries) {
    const bytes = typeof data === 'number' ? number(data) : text(`${data}\0`);
    parts.push(text(`[${key}\0;${name}\0;`), number(type), text(';'), number(bytes.length));
    parts.push(text(';'), bytes, text(']'));
  }
  return Buffer.concat(parts);
}
