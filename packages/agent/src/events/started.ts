import { DownloadModes, type EventOf, type PeerId } from '@sluice/protocol';
import { policyNames } from '@sluice/protocol/policy';
import type { Download } from '../download/download.ts';
import { agentVersion } from '../version.ts';
import type { DeviceProfile } from './device-profile.ts';
import { commonFacts, type EventSurroundings, groupOf, wantedBytes } from './download-facts.ts';
import { plainText } from './privacy.ts';
import { setConfigs } from './set-configs.ts';

/** Settings that limit downloads, by the priority that they are for. */
const limits = /^DO(?:PercentageMax|Max|SetHoursToLimit)(Background|Foreground|Download)/;

/** What is said of a download that was taken on. */
export function startedFacts(
  download: Download,
  around: EventSurroundings,
  device: { peerId: PeerId; profile: DeviceProfile | null },
): Omit<EventOf<'DownloadStarted'>, 'EventId' | 'Name' | 'Time'> {
  const { request, progress } = download;
  const { planned, resolved } = around;
  const { SluiceEventsFilePaths } = resolved.settings;
  const paths = SluiceEventsFilePaths === 1;
  const FileSize = wantedBytes(download);
  return {
    ...commonFacts(download, around),
    BytesRequested: FileSize,
    // What a connection costs no system that Sluice runs on tells it.
    CostFlags: null,
    DeviceProfile: device.profile,
    DiceRoll: null,
    DoClientVersion: plainText(agentVersion, 64),
    DownloadMode: DownloadModes[planned.mode],
    DownloadModeReason: plainText(progress.modeReason, 256),
    DownloadModeSrc:
      planned.by === 'request' ? 'Request' : resolved.sources.DODownloadMode.provider,
    FilePath: paths ? plainText(request.Output, 4_096) : null,
    FileSize,
    FileSizeCaller: null,
    GroupId: groupOf(download, resolved),
    IsEncrypted: false,
    IsThrottled: isThrottled(download, around),
    PeerId: device.peerId,
    SetConfigs: setConfigs(resolved, { paths }),
    UsedMemoryStream: false,
  };
}

function isThrottled({ foreground }: Download, { resolved }: EventSurroundings): boolean {
  const other = foreground.current ? 'Background' : 'Foreground';
  return policyNames.some((name) => {
    const priority = limits.exec(name)?.[1];
    if (priority === undefined || priority === other) return false;
    const value = resolved.settings[name];
    return value !== undefined && value !== 0;
  });
}
