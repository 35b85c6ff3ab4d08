import { Button, Loader, NativeSelect, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ingestLimits, ingestPage, takeIn } from '../api/ingest.ts';
import { usePages } from '../api/pages.ts';
import { Facts } from '../figures/facts.tsx';
import { bytesText, rateText } from '../figures/format.ts';
import { FormDialog } from '../forms/form-dialog.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { Panel } from '../layout/panel.tsx';
import { useMay } from '../session/session.ts';
import { SearchedPages } from '../tables/searched-pages.tsx';
import { jobColumns } from './job-columns.tsx';

/** What the cloud reads and publishes by itself. */
export default function IngestPage() {
  const may = useMay('operator');
  const [adding, setAdding] = useState(false);
  const { data, error } = useQuery({ queryKey: ['ingest-limits'], queryFn: ingestLimits });
  const isOn = data !== undefined && data.Allow.length > 0;
  return (
    <>
      <PageHead
        title="Ingestion"
        about="A file that nobody published is read once by the cloud when a device asks for it, and published."
      >
        {may && isOn && <Button onClick={() => setAdding(true)}>Take in</Button>}
      </PageHead>
      <Fault error={error} />
      {!data && !error && <Loader aria-label="Loading" />}
      {data && !isOn && (
        <EmptyState title="This cloud takes in nothing by itself">
          <p>Name the hosts that it may read from when you start it:</p>
          <pre>sluice cloud --ingest-allow HOST,&apos;*.SUFFIX&apos;</pre>
        </EmptyState>
      )}
      {isOn && (
        <>
          <Panel title="From where">
            <Facts
              facts={[
                ['Hosts', data.Allow.join(', ')],
                ['Speed', `${rateText(data.Rate)} at the most, of this cloud`],
                ['Size', `${bytesText(data.MaxLength)} at the most`],
              ]}
            />
          </Panel>
          <Jobs may={may} />
        </>
      )}
      <FormDialog
        title="Take in"
        action="Take in"
        opened={adding}
        onClose={() => setAdding(false)}
        send={(form) => takeIn(String(form.get('urls')).split(/\s+/).filter(Boolean))}
      >
        <Textarea
          name="urls"
          label="URLs"
          description="One a line, of the hosts that are allowed"
          rows={4}
          required
          data-autofocus
        />
      </FormDialog>
    </>
  );
}

function Jobs({ may }: { may: boolean }) {
  const [state, setState] = useState('');
  const pages = usePages(['ingest', state], (after) => ingestPage(state, after), { again: 5_000 });
  return (
    <Panel
      title="Jobs"
      actions={
        <NativeSelect
          aria-label="State"
          size="xs"
          data={[{ value: '', label: 'In any state' }, 'Waiting', 'Running', 'Done', 'Failed']}
          value={state}
          onChange={(event) => setState(event.currentTarget.value)}
        />
      }
    >
      <SearchedPages
        label="Jobs"
        searchLabel="Find by URL or error"
        pages={pages}
        rows={pages.data?.pages.flatMap((page) => page.Jobs)}
        columns={jobColumns(may)}
        rowKey={(job) => job.Id}
        textsOf={({ Url, Error: error }) => [Url, error ?? '']}
        empty={state === '' ? <NoJobs /> : <p className="hint">None is {state.toLowerCase()}.</p>}
      />
    </Panel>
  );
}

function NoJobs() {
  return (
    <EmptyState title="Nobody has asked for a file of these hosts yet">
      <p>It begins when a device does. To have one before:</p>
      <pre>sluice cloud ingest add URL --cloud {window.location.origin}</pre>
    </EmptyState>
  );
}
