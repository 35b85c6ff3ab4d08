import type { Transaction } from 'kysely';
import type { Places } from './geo/places.ts';
import type { EventTables } from './tables.ts';

/** Keeps where these sites are, as far as the geo file says, so that reports and views can join it. */
export async function rememberPlaces(
  tx: Transaction<EventTables>,
  sites: ReadonlySet<string>,
  places: Places,
): Promise<void> {
  const found = [...sites].toSorted().flatMap((site) => {
    const place = places.find(site);
    return place ? [{ site, ...place }] : [];
  });
  if (found.length === 0) return;
  await tx
    .insertInto('site_place')
    .values(found)
    .onConflict((conflict) =>
      conflict.column('site').doUpdateSet((eb) => ({
        city: eb.ref('excluded.city'),
        country: eb.ref('excluded.country'),
        isp: eb.ref('excluded.isp'),
      })),
    )
    .execute();
}
