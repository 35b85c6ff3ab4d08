import { type RawBuilder, sql } from 'kysely';

/** Columns of rows that are handed to the database as one JSON text: a parameter however many they are. */
export type Columns = Record<string, 'text' | 'integer' | 'bigint' | 'uuid'>;

/** Rows as a relation that a statement can read from. Null and what is not there are NULL. */
export function relation(
  rows: readonly object[],
  columns: Columns,
  postgres: boolean,
): RawBuilder<unknown> {
  // PostgreSQL takes no half of a surrogate pair.
  const json = JSON.stringify(rows, (_key, value) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
  if (postgres) {
    const types = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
    return sql`json_to_recordset(${json}::json) AS given(${sql.raw(types.join(', '))})`;
  }
  const values = Object.keys(columns).map((name) => `value ->> '${name}' AS ${name}`);
  return sql`(SELECT ${sql.raw(values.join(', '))} FROM json_each(${json})) AS given`;
}
