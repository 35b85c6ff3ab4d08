import { Button, Loader, TextInput } from '@mantine/core';
import type { Rollout } from '@sluice/protocol';
import { useState } from 'react';
import { percentOf, setRollouts, useRollouts } from '../api/rollouts.ts';
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
      {data === null && (
        <EmptyState title="This cloud has no rollouts">
          A newer one has: until then a policy is for all devices at once.
        </EmptyState>
      )}
      {data?.length === 0 && (
        <EmptyState title="There is no rollout yet">
          Make one to try a policy on five devices of a hundred before all have it.
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
  { name: 'Name', cell: (rollout) => rollout.Name },
  {
    name: 'Reaches',
    cell: (rollout) => (
      <ProgressBar
        label={`Reach of ${rollout.Name}`}
        done={percentOf(rollout, Date.now())}
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

function nextStage({ Stages }: Rollout): string {
  const next = Stages.find(({ At }) => At !== undefined && Date.parse(At) > Date.now());
  return next?.At === undefined ? '–' : `${next.Percent} % on ${timeText(next.At)}`;
}
