import { Badge, Button, Loader, TextInput } from '@mantine/core';
import type { Rollout } from '@sluice/protocol';
import { rolloutPercentAt } from '@sluice/protocol/policy';
import { useState } from 'react';
import { setRollouts, useRollouts } from '../api/rollouts.ts';
import { timeText } from '../figures/format.ts';
import { ProgressBar } from '../figures/progress-bar.tsx';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { Panel } from '../layout/panel.tsx';
import { useMay } from '../session/session.ts';
import { type Column, DataTable } from '../tables/data-table.tsx';
import { EffectiveTable } from './effective-table.tsx';
import { RolloutDialog } from './rollout-dialog.tsx';
import { settingsText } from './rollout-text.ts';

/** Settings that reach a part of the devices first. */
export default function RolloutsPage() {
  const may = useMay('operator');
  const { data, error, isPending } = useRollouts();
  const [edited, setEdited] = useState<Rollout | 'new'>();
  return (
    <>
      <PageHead
        title="Rollouts"
        about="Settings for a part of the devices first, in stages or as variants to compare. A later one is above an earlier one, all are above the policies for everybody."
      >
        {may && data && <Button onClick={() => setEdited('new')}>New rollout</Button>}
      </PageHead>
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data?.length === 0 && (
        <EmptyState title="There is no rollout yet">
          <p>Make one to try a policy on five devices of a hundred before all have it, or:</p>
          <pre>sluice cloud rollouts set FILE --cloud {window.location.origin}</pre>
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <DataTable
          label="Rollouts"
          columns={columnsFor(data, may, setEdited)}
          rows={data}
          rowKey={(rollout) => rollout.Name}
        />
      )}
      {data && <WhatHolds />}
      {data && edited !== undefined && (
        <RolloutDialog
          rollout={edited === 'new' ? undefined : edited}
          all={data}
          onClose={() => setEdited(undefined)}
        />
      )}
    </>
  );
}

/** The effective values of one device. */
function WhatHolds() {
  const [device, setDevice] = useState('');
  return (
    <Panel title="What the cloud sets on one device">
      <form
        className="row filters"
        onSubmit={(event) => {
          event.preventDefault();
          setDevice(String(new FormData(event.currentTarget).get('device')).trim());
        }}
      >
        <TextInput name="device" label="Id of the device" pattern="[0-9A-Za-z\-]{1,64}" required />
        <Button type="submit" variant="default">
          Show
        </Button>
      </form>
      {device !== '' && <EffectiveTable device={device} />}
    </Panel>
  );
}

const columnsFor = (
  all: Rollout[],
  may: boolean,
  onEdit: (rollout: Rollout) => void,
): Column<Rollout>[] => [
  {
    name: 'Name',
    cell: (rollout) => (
      <>
        {rollout.Name}{' '}
        {rollout.PausedAt !== undefined && (
          <Badge color="yellow" variant="light" tt="none">
            paused
          </Badge>
        )}
      </>
    ),
  },
  {
    name: 'Reaches',
    cell: (rollout) => (
      <ProgressBar
        label={`Reach of ${rollout.Name}`}
        done={rolloutPercentAt(rollout, Date.now())}
        whole={100}
      />
    ),
  },
  { name: 'Next stage', cell: nextStage },
  {
    name: 'Sets',
    cell: (rollout) =>
      rollout.Variants.map((variant) => (
        <div key={variant.Name}>
          {rollout.Variants.length > 1 && <span className="hint">{variant.Name}: </span>}
          <code>{settingsText(variant.Settings).replaceAll('\n', ', ')}</code>
        </div>
      )),
    whole: true,
  },
  { name: 'As', cell: (rollout) => (rollout.Kind === 'Forced' ? 'forced' : 'default') },
  ...(may
    ? [
        {
          name: 'Change',
          cell: (rollout: Rollout) => (
            <div className="row">
              <Button
                variant="default"
                size="xs"
                aria-label={`Change ${rollout.Name}`}
                onClick={() => onEdit(rollout)}
              >
                Change
              </Button>
              <PauseButton rollout={rollout} all={all} />
              <ConfirmButton
                name="Remove"
                question={`Remove ${rollout.Name}?`}
                send={() => setRollouts(all.filter((one) => one !== rollout))}
              >
                Its devices go back to what is set for all.
              </ConfirmButton>
            </div>
          ),
        },
      ]
    : []),
];

function PauseButton({ rollout, all }: { rollout: Rollout; all: Rollout[] }) {
  const { PausedAt, ...running } = rollout;
  const isPaused = PausedAt !== undefined;
  const changed = () => (isPaused ? running : { ...rollout, PausedAt: new Date().toISOString() });
  return (
    <ConfirmButton
      name={isPaused ? 'Resume' : 'Pause'}
      question={`${isPaused ? 'Resume' : 'Pause'} ${rollout.Name}?`}
      send={() => setRollouts(all.map((one) => (one === rollout ? changed() : one)))}
    >
      {isPaused
        ? 'Stages whose time has come meanwhile count at once.'
        : 'Devices that have it keep it; it reaches no others until it is resumed.'}
    </ConfirmButton>
  );
}

function nextStage({ Stages, PausedAt }: Rollout): string {
  if (PausedAt !== undefined) return `paused since ${timeText(PausedAt)}`;
  const next = Stages.find(({ At }) => At !== undefined && Date.parse(At) > Date.now());
  return next?.At === undefined ? '–' : `${next.Percent} % on ${timeText(next.At)}`;
}
