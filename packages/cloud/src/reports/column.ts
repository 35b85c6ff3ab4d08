/**
 * A column of a report. `integer`: a whole number; `time`: in the database ms since 1970, in JSON and CSV ISO 8601;
 * `day`: whole UTC days since 1970, and `2027-01-31`.
 */
export interface Column {
  name: string;
  type: 'text' | 'integer' | 'real' | 'time' | 'day';
}

export type Value = string | number | null;
export type Row = Record<string, Value>;

/** Columns from names by type, in this order. */
export function columns(names: Record<string, Column['type']>): Column[] {
  return Object.entries(names).map(([name, type]) => ({ name, type }));
}
