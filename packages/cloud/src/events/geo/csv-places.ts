import { parseCidr } from '../../cache-nodes/cidr.ts';
import { NetworkMap } from '../../cache-nodes/network-map.ts';
import type { Place, Places } from './places.ts';

/**
 * Lines of `network,country,city,isp`, such as `203.0.113.0/24,Germany,Berlin,Example Net`. Cells may be quoted;
 * empty ones are not known; lines that begin with # and a head line `network,…` are passed over. The narrowest network counts.
 * @throws Error with the number of a line that is none
 */
export function csvPlaces(text: string): Places {
  const networks = new NetworkMap<Place>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#') || (i === 0 && /^"?network\b/i.test(line)))
      continue;
    const [network = '', country, city, isp] = cellsOf(line);
    const cidr = parseCidr(network.trim());
    if (!cidr) throw new Error(`line ${i + 1} begins with no network`);
    networks.set(cidr, { country: known(country), city: known(city), isp: known(isp) });
  }
  return networks;
}

function cellsOf(line: string): string[] {
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);
}

function known(cell: string | undefined): string | null {
  const text = cell?.trim() ?? '';
  return text === '' ? null : text.slice(0, 128);
}
