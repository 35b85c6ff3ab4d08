import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import type { Database, TableSet } from '../database/database.ts';

/** Where the text of the settings is kept. */
export interface SettingsText {
  /** Empty when there is none. */
  read(): Promise<string>;
  /** @returns false when it is no longer `before`: somebody else changed it */
  replace(before: string, after: string): Promise<boolean>;
}

const maxFileBytes = 262_144;

/** A file of the one cloud that there is, which people may edit. */
export function settingsFile(file: string): SettingsText {
  return {
    async read() {
      try {
        const { size } = await stat(file);
        if (size > maxFileBytes) return '"too large"';
        return await readFile(file, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
        throw error;
      }
    },
    async replace(_before, after) {
      const temporary = `${file}.${process.pid}.tmp`;
      await writeFile(temporary, after, { mode: 0o600 });
      await rename(temporary, file);
      return true;
    },
  };
}

interface DocumentTables {
  document: { name: string; text: string };
}

export const documentTables: TableSet = {
  name: 'documents',
  migrations: {
    '0001-document': {
      async up(db: Kysely<unknown>) {
        await db.schema
          .createTable('document')
          .addColumn('name', 'text', (c) => c.primaryKey())
          .addColumn('text', 'text', (c) => c.notNull())
          .execute();
      },
    },
  },
};

/** A row of the database that several clouds share. @param name of the document. @throws as `Database.tables` */
export async function settingsRow(database: Database, name = 'settings'): Promise<SettingsText> {
  const db = await database.tables<DocumentTables>(documentTables);
  return {
    async read() {
      const row = await db
        .selectFrom('document')
        .select('text')
        .where('name', '=', name)
        .executeTakeFirst();
      return row?.text ?? '';
    },
    async replace(before, after) {
      if (before === '') {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('document')
          .values({ name, text: after })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
      }
      const { numUpdatedRows } = await db
        .updateTable('document')
        .set({ text: after })
        .where('name', '=', name)
        .where('text', '=', before)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
  };
}
