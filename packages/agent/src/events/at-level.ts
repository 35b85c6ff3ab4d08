import type { DeviceEvent } from '@sluice/protocol';

/** SluiceEvents: 0 off, 1 basic, 2 all. */
const basic = 1;

/** The event as the setting lets it go out; undefined: not at all. */
export function atLevel(event: DeviceEvent, level: number): DeviceEvent | undefined {
  if (level > basic) return event;
  if (level < basic) return undefined;
  switch (event.Name) {
    case 'DownloadStarted':
    case 'FailureCdnCommunication':
      return undefined;
    case 'DeviceSnapshot':
      return { ...event, DeviceName: null, SetConfigs: {} };
    default:
      return {
        ...event,
        CdnUrl: null,
        CdnIp: null,
        PredefinedCallerName: null,
        RouteToCacheServer: null,
      };
  }
}
