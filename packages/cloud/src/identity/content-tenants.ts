import { sluiceError } from '@sluice/protocol';
import type { Kysely } from 'kysely';
import type { DeviceCaller } from './session-tokens.ts';
import type { IdentityTables } from './tables.ts';

/** For whose devices contents are; those of which nothing is said are for all. */
export class ContentTenants {
  readonly #db: Kysely<IdentityTables>;

  constructor(db: Kysely<IdentityTables>) {
    this.#db = db;
  }

  /** @param tenant may have it from now on, too; undefined: everybody may. */
  async publish(contentId: string, tenant: string | undefined): Promise<void> {
    if (tenant === undefined) return this.remove(contentId);
    await this.#db
      .insertInto('content_tenant')
      .values({ content_id: contentId, tenant })
      .onConflict((c) => c.columns(['content_id', 'tenant']).doNothing())
      .execute();
  }

  async remove(contentId: string): Promise<void> {
    await this.#db.deleteFrom('content_tenant').where('content_id', '=', contentId).execute();
  }

  /** @throws ContentUnknown: to a device of another tenant there is no such content */
  async check(contentId: string, device: DeviceCaller | undefined): Promise<void> {
    if (!device) return;
    const rows = await this.#db
      .selectFrom('content_tenant')
      .select('tenant')
      .where('content_id', '=', contentId)
      .execute();
    if (rows.length === 0 || rows.some((row) => row.tenant === device.tenant)) return;
    throw sluiceError('ContentUnknown', { content: contentId.slice(0, 200) });
  }
}
