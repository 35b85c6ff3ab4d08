import type { ContentClassView } from '@sluice/protocol';

const all = { Http: true, P2P: true, Cache: true };
const noPeers = { Http: true, P2P: false, Cache: true };
const httpOnly = { Http: true, P2P: false, Cache: false };

/**
 * The content table of Delivery Optimization (workflow.md §9), for the callers that are known by name. The order is the
 * order in which they are tried. A class without callers has none that are known: name them in a rule of your own.
 */
export const defaultClasses: readonly ContentClassView[] = [
  { Name: 'Windows Update', Callers: ['WU Client Download'], Allow: all },
  { Name: 'Intune Win32 apps', Callers: ['IntuneAppDownload'], Allow: all },
  { Name: 'Microsoft 365 Apps', Callers: ['Microsoft Office Click-to-Run'], Allow: all },
  { Name: 'Edge updates', Callers: ['EdgeUpdate DO Job'], Allow: all },
  { Name: 'MDM agent', Callers: ['MDMSW Job'], Allow: httpOnly },
  { Name: 'Xbox Game Pass PC', Callers: ['Xbox XVC Streaming'], Allow: noPeers },
  { Name: 'MSIX Installer', Callers: ['MSIX HttpsDataSource Download'], Allow: httpOnly },
  { Name: 'UWP Store apps', Callers: [], Allow: all },
  { Name: 'Win32 Store apps', Callers: [], Allow: httpOnly },
  { Name: 'Defender definitions', Callers: [], Allow: all },
  { Name: 'Dynamic updates', Callers: [], Allow: all },
  { Name: 'Configuration Manager', Callers: [], Allow: all },
  { Name: 'winget', Callers: [], Allow: httpOnly },
  { Name: 'Device Update for IoT Hub', Callers: [], Allow: noPeers },
];
