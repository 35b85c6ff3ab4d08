import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type Dialect, SqliteDialect, type SqliteStatement } from 'kysely';

/**
 * Kysely on the SQLite inside Node: its own SQLite dialect, which expects better-sqlite3's interface,
 * over `DatabaseSync`. One connection; every statement runs synchronously.
 * @param file path of the database, or ":memory:". It is opened at the first query.
 */
export function nodeSqliteDialect(file: string): Dialect {
  return new SqliteDialect({
    database: async () => {
      const db = openDatabase(file);
      return {
        prepare: (sql) => adaptStatement(db.prepare(sql)),
        close: () => db.close(),
      };
    },
  });
}

function openDatabase(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 5_000, enableForeignKeyConstraints: true });
  try {
    // With WAL readers never wait for the writer. NORMAL may lose the last commits when the power
    // goes, never more, and never the file.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  const bind = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  return {
    // Only a statement that gives rows has columns.
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bind(parameters)),
    run: (parameters) => statement.run(...bind(parameters)),
    iterate: (parameters) => statement.iterate(...bind(parameters)),
  };
}
