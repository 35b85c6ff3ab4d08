import { Badge } from '@mantine/core';
import type { EnrolledDeviceView } from '@sluice/protocol';
import { enrolledPage, revokeDevice } from '../api/identity.ts';
import { usePages } from '../api/pages.ts';
import { timeText } from '../figures/format.ts';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Panel } from '../layout/panel.tsx';
import type { Column } from '../tables/data-table.tsx';
import { SearchedPages } from '../tables/searched-pages.tsx';

/** The devices that are enrolled, or were. */
export function EnrolledPanel({ may }: { may: boolean }) {
  const pages = usePages(['enrolled'], enrolledPage);
  return (
    <Panel title="Enrolled devices">
      <SearchedPages
        label="Enrolled devices"
        searchLabel="Find by id, tenant or group"
        pages={pages}
        rows={pages.data?.pages.flatMap((page) => page.Devices)}
        columns={columnsFor(may)}
        rowKey={(device) => device.DeviceId}
        textsOf={({ DeviceId, Tenant, GroupId }) => [DeviceId, Tenant, GroupId ?? '']}
        empty={
          <EmptyState title="No device is enrolled yet">
            <p>On each device, as the user that the agent runs as:</p>
            <pre>sluice enrol TOKEN</pre>
          </EmptyState>
        }
      />
      <p className="hint">
        A device takes another key by itself every 90 days, or at once by{' '}
        <code>sluice enrol --rotate</code> on it.
      </p>
    </Panel>
  );
}

const columnsFor = (may: boolean): Column<EnrolledDeviceView>[] => [
  {
    name: 'Device',
    by: (device) => device.DeviceId,
    cell: (device) => (
      <div className="name">
        <code>{device.DeviceId}</code>{' '}
        {device.RevokedAt !== null && (
          <Badge color="red" variant="light" tt="none">
            revoked {timeText(device.RevokedAt)}
          </Badge>
        )}
      </div>
    ),
  },
  { name: 'Tenant', by: (device) => device.Tenant, cell: (device) => device.Tenant },
  {
    name: 'Group',
    by: (device) => device.GroupId ?? '',
    cell: (device) => (device.GroupId === null ? '–' : <code>{device.GroupId}</code>),
  },
  {
    name: 'Enrolled',
    by: (device) => device.EnrolledAt,
    cell: (device) => timeText(device.EnrolledAt),
    figure: true,
  },
  {
    name: 'Key since',
    by: (device) => device.KeySince,
    cell: (device) => timeText(device.KeySince),
    figure: true,
  },
  {
    name: 'Last session',
    by: (device) => device.LastSeenAt,
    cell: (device) => timeText(device.LastSeenAt),
    figure: true,
  },
  ...(may
    ? [
        {
          name: 'Change',
          cell: (device: EnrolledDeviceView) =>
            device.RevokedAt === null && (
              <ConfirmButton
                name="Revoke"
                question="Revoke this device?"
                send={() => revokeDevice(device.DeviceId)}
              >
                All clouds refuse it within seconds, and the devices of its tenant soon. It can come
                back with a new token only.
              </ConfirmButton>
            ),
        },
      ]
    : []),
];
