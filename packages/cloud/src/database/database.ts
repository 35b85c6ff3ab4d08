import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Tables that belong together. */
export interface TableSet {
  /** Lower-case letters and dashes. */
  name: string;
  /** The steps from nothing to today's tables, by name, in order. A step that shipped never changes. */
  migrations: Record<string, Migration>;
}

/** How far the tables of a set are brought. */
export interface TableSteps {
  name: string;
  done: string[];
  missing: string[];
  /** Steps that were made and that only a newer Sluice knows. */
  unknown: string[];
}

/** Where a cloud keeps its tables: SQLite files of its own, or a PostgreSQL that it shares with others. */
export interface Database {
  /** Whether other clouds change the tables too. */
  readonly shared: boolean;
  /** Opens the tables of a set, brought up to date. @throws DataDirUnusable, StoreUnavailable */
  tables<T>(set: TableSet): Promise<Kysely<T>>;
  /** What is still to be done for the tables of a set; changes nothing. @throws DataDirUnusable, StoreUnavailable */
  steps(set: TableSet): Promise<TableSteps>;
  close(): Promise<void>;
}
