import { dayMs } from '../events/facts.ts';
import type { Column, Row, Value } from './column.ts';
import type { OpenReport } from './reports.ts';

/** What a reply says of the report beside its rows. */
export interface Heading {
  Report: string;
  Tenant: string;
  /** `2027-01-31`, both included. */
  From: string;
  To: string;
  /** ISO 8601. */
  TimeGenerated: string;
}

/** JSON, row by row. `Next`: what to give as `after` for the rest. */
export async function* asJson(heading: Heading, { columns, rows }: OpenReport) {
  yield `${JSON.stringify(heading).slice(0, -1)},"Rows":[`;
  let separator = '\n';
  for (;;) {
    const { done, value } = await rows.next();
    if (done) {
      yield `\n],"Next":${JSON.stringify(value ?? null)}}\n`;
      return;
    }
    const shown = columns.map((column) => [column.name, shownValue(value, column)]);
    yield `${separator}${JSON.stringify(Object.fromEntries(shown))}`;
    separator = ',\n';
  }
}

/** RFC 4180, with a head line. Text that a spreadsheet would take for a formula gets an apostrophe in front. */
export async function* asCsv({ columns, rows }: OpenReport) {
  yield `${columns.map(({ name }) => name).join(',')}\r\n`;
  for await (const row of rows) {
    yield `${columns.map((column) => csvCell(shownValue(row, column), column)).join(',')}\r\n`;
  }
}

function csvCell(value: Value, { type }: Column): string {
  if (value === null) return '';
  const text = String(value);
  const safe = type === 'text' && /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** As JSON and CSV have it. */
function shownValue(row: Row, { name, type }: Column): Value {
  const value = row[name] ?? null;
  if (value === null) return null;
  if (type === 'time') return new Date(Number(value)).toISOString();
  if (type === 'day') return dayText(Number(value));
  return value;
}

/** @param day whole UTC days since 1970 */
export function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}
