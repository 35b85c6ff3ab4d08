import { readFile } from 'node:fs/promises';
import { sluiceError } from '@sluice/protocol';
import { parseRegionsDocument } from '@sluice/protocol/schemas';
import { type Cidr, parseCidr } from '../cache-nodes/cidr.ts';
import { NetworkMap } from '../cache-nodes/network-map.ts';
import type { Places } from '../events/geo/places.ts';

/** Which cloud the devices of a part of the world ask. */
export interface Region {
  name: string;
  /** Without a slash at the end. */
  serviceUrl: string;
}

/** Tells whose region an external address is in. */
export interface Regions {
  /** Undefined: in none. */
  of(ip: string): Region | undefined;
}

export const noRegions: Regions = { of: () => undefined };

/**
 * The regions of a file, see `parseRegionsDocument`. The narrowest network around an address counts, else the
 * first region that has its country, by its code or its name.
 * @param places undefined: no file tells countries
 * @throws InvalidArgument
 */
export async function readRegions(file: string, places: Places | undefined): Promise<Regions> {
  try {
    return regionsOf(JSON.parse(await readFile(file, 'utf8')), places);
  } catch (cause) {
    const detail = `${file}: ${cause instanceof Error ? cause.message : cause}`;
    throw sluiceError('InvalidArgument', { name: '--regions', detail }, { cause });
  }
}

function regionsOf(json: unknown, places: Places | undefined): Regions {
  const byNetwork = new NetworkMap<Region>();
  const byCountry = new Map<string, Region>();
  for (const entry of parseRegionsDocument(json)) {
    const region = { name: entry.Region, serviceUrl: entry.ServiceUrl };
    for (const cidr of entry.Cidrs ?? []) byNetwork.set(networkOf(cidr), region);
    for (const country of entry.Countries ?? []) {
      const key = country.toLowerCase();
      if (!byCountry.has(key)) byCountry.set(key, region);
    }
  }
  if (!places && byCountry.size > 0) {
    throw new Error('Countries need a file that tells them (--geo-file)');
  }
  return {
    of(ip) {
      const found = byNetwork.find(ip);
      if (found) return found;
      const { countryCode = '', country } = places?.find(ip) ?? {};
      return (
        byCountry.get(countryCode.toLowerCase()) ?? byCountry.get(country?.toLowerCase() ?? '')
      );
    },
  };
}

function networkOf(text: string): Cidr {
  const network = parseCidr(text);
  if (!network) throw new Error(`${JSON.stringify(text)} in Cidrs is no network`);
  return network;
}
