import { Badge } from '@mantine/core';
import type { EnrolmentView } from '@sluice/protocol';
import { enrolmentsPage, revokeEnrolment } from '../api/identity.ts';
import { usePages } from '../api/pages.ts';
import { countText, timeText } from '../figures/format.ts';
import { wordsOf } from '../figures/words.ts';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Panel } from '../layout/panel.tsx';
import type { Column } from '../tables/data-table.tsx';
import { SearchedPages } from '../tables/searched-pages.tsx';

/** The tokens with which devices enrol. */
export function TokensPanel({ may }: { may: boolean }) {
  const pages = usePages(['enrolments'], enrolmentsPage);
  return (
    <Panel title="Tokens">
      <SearchedPages
        label="Enrolment tokens"
        searchLabel="Find by tenant, group or state"
        pages={pages}
        rows={pages.data?.pages.flatMap((page) => page.Enrolments)}
        columns={columnsFor(may)}
        rowKey={(token) => token.Id}
        textsOf={({ Tenant, GroupId, State }) => [Tenant, GroupId ?? '', wordsOf(State)]}
        sorted={{ column: 0, down: true }}
        empty={
          <EmptyState title="There is no enrolment token yet">
            <p>Make one here or at a terminal, and give it to the devices:</p>
            <pre>sluice cloud enrolment create --uses 500 --cloud {window.location.origin}</pre>
          </EmptyState>
        }
      />
    </Panel>
  );
}

const columnsFor = (may: boolean): Column<EnrolmentView>[] => [
  { name: 'Made', by: (token) => token.CreatedAt, cell: (token) => timeText(token.CreatedAt) },
  { name: 'Tenant', by: (token) => token.Tenant, cell: (token) => token.Tenant },
  {
    name: 'Group',
    by: (token) => token.GroupId ?? '',
    cell: (token) => (token.GroupId === null ? '–' : <code>{token.GroupId}</code>),
  },
  {
    name: 'State',
    by: (token) => token.State,
    cell: (token) => (
      <Badge color={token.State === 'Valid' ? 'green' : 'gray'} variant="light" tt="none">
        {wordsOf(token.State)}
      </Badge>
    ),
  },
  {
    name: 'Uses left',
    by: (token) => token.UsesLeft,
    cell: (token) => countText(token.UsesLeft),
    figure: true,
  },
  {
    name: 'Expires',
    by: (token) => token.ExpiresAt,
    cell: (token) => timeText(token.ExpiresAt),
    figure: true,
  },
  ...(may
    ? [
        {
          name: 'Change',
          cell: (token: EnrolmentView) =>
            token.State === 'Valid' && (
              <ConfirmButton
                name="Revoke"
                question="Revoke this token?"
                send={() => revokeEnrolment(token.Id)}
              >
                No device can enrol with it any more. Those that have stay.
              </ConfirmButton>
            ),
        },
      ]
    : []),
];
