import { Badge, Loader } from '@mantine/core';
import type { AlarmView } from '@sluice/protocol';
import { useQuery } from '@tanstack/react-query';
import { alarms, settleAlarm } from '../api/alarms.ts';
import { countText, timeText } from '../figures/format.ts';
import { wordsOf } from '../figures/words.ts';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { useMay } from '../session/session.ts';
import { type Column, DataTable } from '../tables/data-table.tsx';
import { HashLogPanel } from './hash-log-panel.tsx';

/** What an admin must look at, and the log that it is about. */
export default function AlarmsPage() {
  const may = useMay('operator');
  const { data, error, isPending } = useQuery({
    queryKey: ['alarms'],
    queryFn: alarms,
    refetchInterval: 15_000,
  });
  return (
    <>
      <PageHead
        title="Alarms"
        about="Somebody said other bytes of a file than were said before, or than came. What they said was refused: find out why."
      />
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data?.length === 0 && (
        <EmptyState title="Nothing has to be looked at">
          <p>Whether nobody has changed the log below is checked at a terminal:</p>
          <pre>sluice cloud log --verify --cloud {window.location.origin}</pre>
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <DataTable label="Alarms" columns={columnsFor(may)} rows={data} rowKey={(one) => one.Id} />
      )}
      <HashLogPanel />
    </>
  );
}

const columnsFor = (may: boolean): Column<AlarmView>[] => [
  {
    name: 'Alarm',
    by: (alarm) => alarm.Kind,
    cell: (alarm) => (
      <Badge color="red" variant="light" tt="none">
        {wordsOf(alarm.Kind)}
      </Badge>
    ),
  },
  {
    name: 'What',
    cell: (alarm) => (
      <div className="name">
        {alarm.Subject}
        <div className="hint">{alarm.Detail}</div>
      </div>
    ),
  },
  {
    name: 'Times',
    by: (alarm) => alarm.Count,
    cell: (alarm) => countText(alarm.Count),
    figure: true,
  },
  {
    name: 'Last',
    by: (alarm) => alarm.LastAt,
    cell: (alarm) => timeText(alarm.LastAt),
    figure: true,
  },
  ...(may
    ? [
        {
          name: 'Change',
          cell: (alarm: AlarmView) => (
            <ConfirmButton
              name="Settle"
              question="Have you found out why?"
              send={() => settleAlarm(alarm.Id)}
            >
              The alarm goes, for everybody. If it happens again there will be another one.
            </ConfirmButton>
          ),
        },
      ]
    : []),
];
