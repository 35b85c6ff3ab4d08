import { Button, Loader, TextInput } from '@mantine/core';
import type { AuditReply } from '@sluice/protocol';
import { useState } from 'react';
import { auditPage } from '../api/access.ts';
import { usePages } from '../api/pages.ts';
import { timeText } from '../figures/format.ts';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { type Column, DataTable } from '../tables/data-table.tsx';

type Entry = AuditReply['Entries'][number];

/** Who changed what, the newest first. */
export default function AuditPage() {
  const [user, setUser] = useState('');
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = usePages(
    ['audit', user],
    (after) => auditPage({ user, after }),
  );
  const entries = data?.pages.flatMap((page) => page.Entries) ?? [];
  return (
    <>
      <PageHead
        title="Audit"
        about="Every change through the admin API. Each entry holds the hash of the one before."
      />
      <form
        className="row filters"
        onSubmit={(event) => {
          event.preventDefault();
          setUser(String(new FormData(event.currentTarget).get('user')).trim());
        }}
      >
        <TextInput name="user" label="Of user" />
        <Button type="submit" variant="default">
          Show
        </Button>
      </form>
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data && entries.length === 0 && (
        <EmptyState title={user === '' ? 'Nothing was changed yet' : `Nothing of ${user}`}>
          Each change and each login will be here, with who, when and from where.
        </EmptyState>
      )}
      {entries.length > 0 && (
        <DataTable
          label="Audit log"
          columns={columns}
          rows={entries}
          rowKey={(entry) => String(entry.Seq)}
        />
      )}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          Load more
        </Button>
      )}
    </>
  );
}

const columns: Column<Entry>[] = [
  { name: 'Time', cell: (entry) => timeText(entry.Time) },
  {
    name: 'Who',
    cell: (entry) => (
      <>
        {entry.User}
        <div className="hint">{entry.Address}</div>
      </>
    ),
  },
  {
    name: 'What',
    cell: (entry) => (
      <div className="name">
        {entry.Action} {entry.Target !== '' && <code>{entry.Target}</code>}
        {entry.Detail !== '{}' && (
          <details>
            <summary>Detail</summary>
            <code>{entry.Detail}</code>
          </details>
        )}
      </div>
    ),
  },
  {
    name: 'Outcome',
    cell: (entry) => (entry.Error === null ? 'done' : <span className="bad">{entry.Error}</span>),
  },
];
