import { ipToBytes } from '@sluice/protocol';
import { type Cidr, parseCidr } from '../../cache-nodes/cidr.ts';
import type { Place, Places } from './places.ts';

/**
 * Lines of `network,country,city,isp`, such as `203.0.113.0/24,Germany,Berlin,Example Net`. Cells may be quoted;
 * empty ones are not known; lines that begin with # and a head line `network,…` are passed over. The narrowest network counts.
 * @throws Error with the number of a line that is none
 */
export function csvPlaces(text: string): Places {
  /** By length of address and prefix, and then by the bits that the prefix leaves. */
  const networks = new Map<string, Map<string, Place>>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#') || (i === 0 && /^"?network\b/i.test(line)))
      continue;
    const [network = '', country, city, isp] = cellsOf(line);
    const cidr = parseCidr(network.trim());
    if (!cidr) throw new Error(`line ${i + 1} begins with no network`);
    const size = `${cidr.bytes.length}/${cidr.prefix}`;
    const same = networks.get(size) ?? new Map<string, Place>();
    networks.set(size, same);
    same.set(bitsOf(cidr), { country: known(country), city: known(city), isp: known(isp) });
  }
  const sizes = [...networks].map(([size, places]) => {
    const [length, prefix] = size.split('/').map(Number) as [number, number];
    return { length, prefix, places };
  });
  sizes.sort((a, b) => b.prefix - a.prefix);
  return {
    find(ip) {
      const bytes = ipToBytes(ip);
      if (!bytes) return undefined;
      for (const { length, prefix, places } of sizes) {
        const place = length === bytes.length ? places.get(bitsOf({ bytes, prefix })) : undefined;
        if (place) return place;
      }
      return undefined;
    },
  };
}

function bitsOf({ bytes, prefix }: Cidr): string {
  const kept = Buffer.alloc(bytes.length);
  for (let i = 0; i * 8 < prefix; i++) {
    const rest = prefix - i * 8;
    kept[i] = rest >= 8 ? bytes[i]! : bytes[i]! & (0xff00 >> rest);
  }
  return kept.toString('latin1');
}

function cellsOf(line: string): string[] {
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);
}

function known(cell: string | undefined): string | null {
  const text = cell?.trim() ?? '';
  return text === '' ? null : text.slice(0, 128);
}
