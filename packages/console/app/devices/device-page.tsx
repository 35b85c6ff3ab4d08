import { Loader } from '@mantine/core';
import { bytesIn, daysBack, useReport } from '../api/reports.ts';
import { Facts, Tiles } from '../figures/facts.tsx';
import { bytesText, countText, percentText, timeText } from '../figures/format.ts';
import { ShareBar } from '../figures/share-bar.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { Panel } from '../layout/panel.tsx';
import { EffectiveTable } from '../rollouts/effective-table.tsx';
import { hrefOf } from '../routing/route.ts';
import { type Device, deviceName, toldText, useDeviceEvents } from './device.ts';
import { DeviceSettings } from './device-settings.tsx';
import { DownloadsPanel } from './downloads-panel.tsx';

const days = 28;

/** One device: what it is, how it is set, what it fetched. */
export function DevicePage({ deviceId }: { deviceId: string }) {
  const from = daysBack(days);
  const { data, error } = useReport<Device>('devices', { from, device: deviceId });
  const events = useDeviceEvents(deviceId, from);
  if (error ?? events.error) return <Fault error={error ?? events.error} />;
  if (!data || !events.data) return <Loader aria-label="Loading" />;
  const device = data.Rows[0];
  if (!device) {
    return (
      <EmptyState title="This device has told nothing">
        <a href={hrefOf('devices')}>See those that have</a>
      </EmptyState>
    );
  }
  const snapshot = events.data.find((event) => event.Name === 'DeviceSnapshot');
  return (
    <>
      <PageHead title={deviceName(device)} about={<a href={hrefOf('devices')}>All devices</a>} />
      <Tiles
        tiles={[
          { name: 'Saved', figure: percentText(device.BWOptPercent, 100), hint: `in ${days} days` },
          { name: 'Fetched', figure: bytesText(device.TotalBytes) },
          {
            name: 'Downloads',
            figure: countText(device.TotalTransfers),
            hint: `${countText(device.FailedTransfers)} failed`,
          },
        ]}
      />
      <Panel title="From where">
        <ShareBar bytes={bytesIn(device)} names />
      </Panel>
      <DownloadsPanel deviceId={deviceId} events={events.data} />
      <Panel title="What it is">
        <Facts facts={factsOf(device)} />
        {device.SnapshotTime === null && (
          <p className="hint">
            A device tells more of itself, and how it is set, within five minutes after its start.
          </p>
        )}
      </Panel>
      {snapshot && <DeviceSettings snapshot={snapshot} />}
      <Panel title="What the cloud sets on it now">
        <EffectiveTable device={deviceId} />
      </Panel>
    </>
  );
}

function factsOf(device: Device) {
  return [
    ['Id', <code key="id">{device.DeviceId}</code>],
    ['System', device.OSVersion ?? 'not told yet'],
    ['Sluice', device.ClientVersion ?? 'not told yet'],
    ['Download mode', toldText(device.DownloadMode)],
    ['Peering', toldText(device.PeeringStatus)],
    ['Group', device.GroupID === '' ? 'none' : <code key="group">{device.GroupID}</code>],
    ['Site', device.Site],
    ['Place', [device.City, device.Country].filter(Boolean).join(', ') || 'not known'],
    ['Internet provider', device.ISP ?? 'not known'],
    ['First seen', timeText(device.FirstSeenTime)],
    ['Last seen', timeText(device.LastSeenTime)],
  ] as const;
}
