import { Badge } from '@mantine/core';
import type { IngestState, IngestView } from '@sluice/protocol';
import { removeIngest, retryIngest } from '../api/ingest.ts';
import { bytesText, countText, timeText } from '../figures/format.ts';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import { hrefOf } from '../routing/route.ts';
import type { Column } from '../tables/data-table.tsx';

const colours: Record<IngestState, string> = {
  Waiting: 'gray',
  Running: 'blue',
  Done: 'green',
  Failed: 'red',
};

/** @param may whether who looks may change them */
export function jobColumns(may: boolean): Column<IngestView>[] {
  return [
    {
      name: 'URL',
      by: (job) => job.Url,
      cell: (job) => (
        <div className="name">
          {job.ContentId === null ? (
            job.Url
          ) : (
            <a href={hrefOf('content', job.ContentId)}>{job.Url}</a>
          )}
          {job.Error !== null && <div className="bad">{job.Error}</div>}
        </div>
      ),
    },
    {
      name: 'State',
      by: (job) => job.State,
      cell: (job) => (
        <Badge color={colours[job.State]} variant="light" tt="none">
          {job.State}
        </Badge>
      ),
    },
    {
      name: 'Size',
      by: (job) => job.ContentLength ?? -1,
      cell: (job) => (job.ContentLength === null ? '–' : bytesText(job.ContentLength)),
      figure: true,
    },
    {
      name: 'Failed tries',
      by: (job) => job.Tries,
      cell: (job) => countText(job.Tries),
      figure: true,
    },
    {
      name: 'Not before',
      by: (job) => job.NextAt ?? '',
      cell: (job) => (job.NextAt === null ? '–' : timeText(job.NextAt)),
      figure: true,
    },
    ...(may ? [{ name: 'Change', cell: (job: IngestView) => <JobActions job={job} /> }] : []),
  ];
}

function JobActions({ job }: { job: IngestView }) {
  return (
    <div className="row">
      {job.State !== 'Running' && (
        <ConfirmButton name="Retry" question="Read it again?" send={() => retryIngest(job.Id)}>
          The whole file is read from its source, as soon as it is its turn.
        </ConfirmButton>
      )}
      <ConfirmButton name="Remove" question="Forget this job?" send={() => removeIngest(job.Id)}>
        What was published by it stays. It begins anew when a device asks for the file.
      </ConfirmButton>
    </div>
  );
}
