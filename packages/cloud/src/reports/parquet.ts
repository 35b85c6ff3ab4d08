import { dayMs } from '../events/facts.ts';
import type { Column, Row } from './column.ts';
import type { OpenReport } from './reports.ts';

/** Rows that are held at once. */
const rowGroupSize = 10_000;

/** Apache Parquet, a row group at a time. All columns may be null. */
export async function* asParquet({ columns, rows }: OpenReport): AsyncGenerator<Uint8Array> {
  // Most clouds never write any.
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import('hyparquet-writer');
  const writer = new ByteWriter();
  const empty = columnData(columns, []);
  const schema = schemaFromColumnData({ columnData: empty });
  const parquet = new ParquetWriter({ writer, schema, createdBy: 'Sluice' });
  const written = () => {
    const bytes = writer.getBytes().slice();
    // `offset` goes on counting: the footer holds the places of all.
    writer.index = 0;
    return bytes;
  };
  let group: Row[] = [];
  const write = async () => {
    const data = columnData(columns, group);
    group = [];
    await parquet.write({ columnData: data, rowGroupSize });
    return written();
  };
  for await (const row of rows) {
    group.push(row);
    if (group.length === rowGroupSize) yield await write();
  }
  if (group.length > 0) yield await write();
  await parquet.finish();
  yield written();
}

const parquetTypes = {
  text: 'STRING',
  integer: 'INT64',
  real: 'DOUBLE',
  time: 'TIMESTAMP',
  day: 'TIMESTAMP',
} as const;

function columnData(columns: readonly Column[], rows: readonly Row[]) {
  return columns.map((column) => ({
    name: column.name,
    type: parquetTypes[column.type],
    nullable: true,
    data: rows.map((row) => parquetValue(row, column)),
  }));
}

function parquetValue(row: Row, { name, type }: Column): string | number | bigint | Date | null {
  const value = row[name] ?? null;
  if (value === null) return null;
  if (type === 'integer') return BigInt(Math.round(Number(value)));
  if (type === 'time') return new Date(Number(value));
  if (type === 'day') return new Date(Number(value) * dayMs);
  return value;
}
