import { Table } from '@mantine/core';
import { type ReactNode, useState } from 'react';

export interface Column<Row> {
  name: string;
  cell: (row: Row) => ReactNode;
  /** What to sort by; without it the column cannot be sorted by. */
  by?: (row: Row) => number | string;
  /** Figures are set to the right. */
  figure?: boolean;
  /** It stays on one line: a name, an id. */
  whole?: boolean;
}

export interface Order {
  column: number;
  down: boolean;
}

/** A table that a head sorts. It scrolls in itself where it is too wide. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  sorted,
}: {
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Without it the rows stay as they come. */
  sorted?: Order;
}) {
  const [order, setOrder] = useState(sorted);
  const by = order && columns[order.column]?.by;
  const shown = by ? rows.toSorted((a, b) => compared(by(a), by(b), order.down)) : rows;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section className="table-scroll" aria-label={label} tabIndex={0}>
      <Table verticalSpacing="xs" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column, i) => (
              <Head
                key={column.name}
                column={column}
                down={order?.column === i ? order.down : undefined}
                onSort={(down) => setOrder({ column: i, down })}
              />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((row) => (
            <Table.Tr key={rowKey(row)}>
              {columns.map((column) => (
                <Table.Td key={column.name} className={classOf(column)}>
                  {column.cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Head<Row>({
  column,
  down,
  onSort,
}: {
  column: Column<Row>;
  down: boolean | undefined;
  onSort: (down: boolean) => void;
}) {
  const sort = down === undefined ? 'none' : down ? 'descending' : 'ascending';
  return (
    <Table.Th className={classOf(column)} aria-sort={column.by ? sort : undefined}>
      {column.by ? (
        <button type="button" className="sort" onClick={() => onSort(!(down ?? !column.figure))}>
          {column.name}{' '}
          <span aria-hidden="true">{{ none: '', descending: '↓', ascending: '↑' }[sort]}</span>
        </button>
      ) : (
        column.name
      )}
    </Table.Th>
  );
}

function classOf<Row>({ figure, whole }: Column<Row>): string | undefined {
  return figure ? 'figure' : whole ? 'whole' : undefined;
}

function compared(a: number | string, b: number | string, down: boolean): number {
  const order =
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  return down ? -order : order;
}
