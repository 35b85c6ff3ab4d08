import type { AsnResponse, CityResponse, IspResponse } from 'mmdb-lib';
import type { Places } from './places.ts';

/** A database of MaxMind's format: City, Country, ISP or ASN, of whatever maker. */
export async function mmdbPlaces(bytes: Buffer): Promise<Places> {
  const { Reader } = await import('mmdb-lib');
  const reader = new Reader<CityResponse & AsnResponse & IspResponse>(bytes);
  return {
    find(ip) {
      const found = reader.get(ip);
      if (!found) return undefined;
      return {
        city: found.city?.names?.en ?? null,
        country: found.country?.names?.en ?? found.country?.iso_code ?? null,
        isp: found.isp ?? found.autonomous_system_organization ?? null,
      };
    },
  };
}
