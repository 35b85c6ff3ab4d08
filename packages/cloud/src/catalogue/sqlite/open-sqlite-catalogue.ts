import type { Catalogue } from '../catalogue.ts';
import { KyselyCatalogue } from '../kysely-catalogue.ts';
import { migrations } from '../migrations.ts';
import type { CatalogueTables } from '../tables.ts';
import { openSqlite } from './open-sqlite.ts';

/** Opens the embedded catalogue. @throws as `openSqlite` */
export async function openSqliteCatalogue(file: string): Promise<Catalogue> {
  return new KyselyCatalogue(await openSqlite<CatalogueTables>(file, migrations));
}
