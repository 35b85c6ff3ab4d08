/** What a torrent file is made of (BEP 3). */
export type Bencodable =
  | string
  | number
  | Uint8Array
  | readonly Bencodable[]
  | { readonly [key: string]: Bencodable };

/** Keys are put in order, as the format demands. Numbers are whole. */
export function bencode(value: Bencodable): Buffer {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError(`bencode: ${value}`);
    return Buffer.from(`i${value}e`);
  }
  if (typeof value === 'string') return bencode(Buffer.from(value));
  if (value instanceof Uint8Array) return Buffer.concat([Buffer.from(`${value.length}:`), value]);
  if (Array.isArray(value)) return enclosed('l', value.map(bencode));
  const entries = Object.entries(value as Record<string, Bencodable>);
  entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return enclosed(
    'd',
    entries.flatMap(([key, item]) => [bencode(key), bencode(item)]),
  );
}

function enclosed(kind: 'l' | 'd', parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(kind), ...parts, Buffer.from('e')]);
}
