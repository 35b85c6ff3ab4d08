import { Button, NumberInput, Textarea, TextInput } from '@mantine/core';
import type { CacheNodeView, PreheatJobView } from '@sluice/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { cancelPreheat, preheat, preheatJobs } from '../api/cache-nodes.ts';
import { bytesText, timeText } from '../figures/format.ts';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import { FormDialog } from '../forms/form-dialog.tsx';
import { Fault } from '../layout/fault.tsx';
import { Panel } from '../layout/panel.tsx';
import { useMay } from '../session/session.ts';
import { type Column, DataTable } from '../tables/data-table.tsx';

/** What a node fetches before devices ask. */
export function PreheatPanel({ node }: { node: CacheNodeView }) {
  const may = useMay('operator');
  const [adding, setAdding] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['preheat', node.Name],
    queryFn: () => preheatJobs(node.Name),
    refetchInterval: 10_000,
  });
  return (
    <Panel
      title="Preheating"
      actions={
        may && (
          <Button size="xs" onClick={() => setAdding(true)}>
            Preheat
          </Button>
        )
      }
    >
      <Fault error={error} />
      {data?.length === 0 && (
        <p className="hint">
          Nothing yet. Preheat what devices will want tomorrow, while the line is idle.
        </p>
      )}
      {data && data.length > 0 && (
        <DataTable
          label="Preheating jobs"
          columns={columnsFor(node.Name, may)}
          rows={data}
          rowKey={(job) => job.Id}
        />
      )}
      <PreheatDialog names={[node.Name]} opened={adding} onClose={() => setAdding(false)} />
    </Panel>
  );
}

/** @param urls that are asked for unless others are given */
export function PreheatDialog({
  names,
  urls = [],
  opened,
  onClose,
}: {
  names: string[];
  urls?: string[];
  opened: boolean;
  onClose: () => void;
}) {
  return (
    <FormDialog
      title={`Preheat ${names.join(', ')}`}
      action="Preheat"
      opened={opened}
      onClose={onClose}
      send={(form) => Promise.all(names.map((name) => preheat(name, jobIn(form))))}
    >
      <Textarea
        name="urls"
        label="URLs"
        description="One a line"
        rows={4}
        required
        defaultValue={urls.join('\n')}
      />
      <TextInput name="at" type="datetime-local" label="When" description="Empty: now" />
      <NumberInput
        name="hours"
        label="Again after"
        description="Hours; empty: once"
        min={1}
        max={8_760}
        allowDecimal={false}
      />
    </FormDialog>
  );
}

function jobIn(form: FormData) {
  const at = String(form.get('at'));
  const hours = String(form.get('hours'));
  return {
    Urls: String(form.get('urls')).split(/\s+/).filter(Boolean),
    ...(at !== '' && { At: new Date(at).toISOString() }),
    ...(hours !== '' && { EverySeconds: Number(hours) * 3_600 }),
  };
}

const columnsFor = (node: string, may: boolean): Column<PreheatJobView>[] => [
  {
    name: 'What',
    cell: (job) => (
      <div className="name">
        {job.Urls[0]}
        {job.Urls.length > 1 && <div className="hint">and {job.Urls.length - 1} more</div>}
      </div>
    ),
  },
  { name: 'State', by: (job) => job.State, cell: (job) => job.State },
  {
    name: 'Next',
    by: (job) => job.NextRun ?? '',
    cell: (job) => (job.NextRun ? timeText(job.NextRun) : '–'),
  },
  { name: 'Runs', by: (job) => job.Runs, cell: (job) => job.Runs, figure: true },
  { name: 'Outcome', cell: outcome },
  ...(may
    ? [
        {
          name: 'Cancel',
          cell: (job: PreheatJobView) =>
            (job.State === 'Waiting' || job.State === 'Running') && (
              <ConfirmButton
                name="Cancel it"
                question="Cancel this job?"
                send={() => cancelPreheat(node, job.Id)}
              >
                What is fetched already stays in the cache.
              </ConfirmButton>
            ),
        },
      ]
    : []),
];

function outcome({ Results }: PreheatJobView) {
  const failed = Results.find((result) => result.Error);
  if (failed?.Error) return <span className="bad">{failed.Error.Message}</span>;
  if (Results.length === 0) return '–';
  return `${bytesText(Results.reduce((sum, { FetchedBytes }) => sum + FetchedBytes, 0))} fetched`;
}
