import { Alert, Loader } from '@mantine/core';
import { policySpec } from '@sluice/protocol/policy';
import { daysBack } from '../api/reports.ts';
import { Facts } from '../figures/facts.tsx';
import { bytesText, durationText, timeText } from '../figures/format.ts';
import { ShareBar } from '../figures/share-bar.tsx';
import { wordsOf } from '../figures/words.ts';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { Panel } from '../layout/panel.tsx';
import { hrefOf } from '../routing/route.ts';
import { type ToldEvent, useDeviceEvents } from './device.ts';
import { bytesOf, type Download, downloadName, downloadsIn } from './download.ts';
import { DownloadState } from './downloads-panel.tsx';
import { WhyPanel } from './why-panel.tsx';

/** One download: how it went, from where each byte came, and why. */
export function DownloadPage({ deviceId, jobId }: { deviceId: string; jobId: string }) {
  const { data, error } = useDeviceEvents(deviceId, daysBack(28));
  if (error) return <Fault error={error} />;
  if (!data) return <Loader aria-label="Loading" />;
  const download = downloadsIn(data).find((one) => one.jobId === jobId);
  if (!download) {
    return (
      <EmptyState title="Nothing is known of this download any more">
        <a href={hrefOf('devices', deviceId)}>See the device</a>
      </EmptyState>
    );
  }
  const { last } = download;
  return (
    <>
      <PageHead
        title={downloadName(download)}
        about={<a href={hrefOf('devices', deviceId)}>The device and its other downloads</a>}
      >
        <DownloadState state={download.state} />
      </PageHead>
      {typeof last.ErrorCode === 'string' && (
        <Alert color="red" mb="md" title={wordsOf(last.ErrorCode)} role="status">
          {hresultText(last.DoErrorCode)}
        </Alert>
      )}
      <Panel title="From where it came">
        <ShareBar bytes={bytesOf(last)} names />
      </Panel>
      <WhyPanel event={last} />
      <Panel title="What it was">
        <Facts facts={factsOf(download)} />
      </Panel>
      <Panel title="What happened">
        <ol className="events">
          {download.events.map((event) => (
            <li key={event.EventId}>
              <time dateTime={new Date(event.Time).toISOString()}>{timeText(event.Time)}</time>{' '}
              {wordsOf(event.Name)} <span className="hint">{detailOf(event)}</span>
            </li>
          ))}
        </ol>
      </Panel>
    </>
  );
}

function factsOf({ last, url, contentId, jobId }: Download) {
  const size = last.FileSize;
  return [
    ['URL', url ?? 'not told'],
    [
      'Content',
      contentId === null ? (
        'not published'
      ) : (
        <a key="c" href={hrefOf('content', contentId)}>
          {contentId}
        </a>
      ),
    ],
    ['Size', typeof size === 'number' ? bytesText(size) : 'not known'],
    ['Took', last.TotalTimeMs === undefined ? '–' : durationText(Number(last.TotalTimeMs))],
    ['Came twice', bytesText(Number(last.DuplicateBytes ?? 0))],
    [
      'For',
      `${last.PredefinedCallerName ?? last.ContentType}${last.Background ? ', in the background' : ''}`,
    ],
    ['Download mode', modeText(last)],
    [
      'Peers',
      `${last.PeersSuccessCount ?? 0} connected, ${last.PeersCannotConnectCount ?? 0} not reached`,
    ],
    ['Id', <code key="id">{jobId}</code>],
  ] as const;
}

/** `LAN (1), as set`. */
function modeText({ DownloadMode, DownloadModeReason }: ToldEvent): string {
  if (typeof DownloadMode !== 'number') return '–';
  const { form } = policySpec('DODownloadMode');
  const name = form.kind === 'choice' ? form.choices[DownloadMode] : undefined;
  const mode = name === undefined ? `${DownloadMode}` : `${name} (${DownloadMode})`;
  return typeof DownloadModeReason === 'string' ? `${mode}, ${DownloadModeReason}` : mode;
}

function detailOf(event: ToldEvent): string {
  if (event.Name === 'FailureCdnCommunication') {
    const times = Number(event.ErrorCount) > 1 ? `, ${event.ErrorCount} times` : '';
    return `${event.ErrorCode ?? ''} ${event.HttpStatusCode ?? ''} ${event.CdnUrl ?? ''}${times}`;
  }
  return String(event.ReasonCode ?? event.ErrorCode ?? '');
}

function hresultText(code: unknown): string {
  return typeof code === 'number' ? `0x${code.toString(16).toUpperCase().padStart(8, '0')}` : '';
}
