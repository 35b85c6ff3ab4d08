import { Button, Loader, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { countText } from '../figures/format.ts';
import { Fault } from '../layout/fault.tsx';
import { type Column, DataTable, type Order } from './data-table.tsx';

/** What of an infinite query is needed here. */
interface Pages {
  error: Error | null;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** A list that comes in pages, with a search in what has been loaded. */
export function SearchedPages<Row>({
  label,
  searchLabel,
  pages,
  rows,
  columns,
  rowKey,
  textsOf,
  sorted,
  empty,
}: {
  label: string;
  searchLabel: string;
  pages: Pages;
  /** Of all pages; undefined before the first. */
  rows: readonly Row[] | undefined;
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  /** What a row is found by. */
  textsOf: (row: Row) => string[];
  /** Without it the rows stay as they come. */
  sorted?: Order;
  /** Instead of a table without rows. */
  empty: ReactNode;
}) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const shown = rows?.filter((row) => textsOf(row).some((t) => t.toLowerCase().includes(wanted)));
  return (
    <>
      <Fault error={pages.error} />
      {pages.isPending && <Loader aria-label="Loading" />}
      {rows?.length === 0 && empty}
      {rows && shown && rows.length > 0 && (
        <>
          <TextInput
            label={searchLabel}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            mb="sm"
          />
          <DataTable
            label={label}
            columns={columns}
            rows={shown}
            rowKey={rowKey}
            {...(sorted && { sorted })}
          />
          <p className="hint" role="status">
            {countText(shown.length)} of {countText(rows.length)} that are loaded
          </p>
          {pages.hasNextPage && (
            <Button
              variant="default"
              loading={pages.isFetchingNextPage}
              onClick={() => pages.fetchNextPage()}
            >
              Load more
            </Button>
          )}
        </>
      )}
    </>
  );
}
