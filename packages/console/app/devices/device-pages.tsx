import { DevicePage } from './device-page.tsx';
import { DevicesPage } from './devices-page.tsx';
import { DownloadPage } from './download-page.tsx';

export default function DevicePages({ path: [deviceId, jobId] }: { path: string[] }) {
  if (deviceId === undefined) return <DevicesPage />;
  if (jobId === undefined) return <DevicePage deviceId={deviceId} />;
  return <DownloadPage deviceId={deviceId} jobId={jobId} />;
}
