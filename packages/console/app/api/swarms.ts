import { askJson } from './client.ts';

/** A content that devices are at, as `GET /admin/swarms` has it. */
export interface SwarmEntry {
  ContentId: string;
  ContentLength: number | null;
  Urls: string[];
  LastJoin: string;
  Devices: number;
  Complete: number;
  Sites: number;
  BytesFromHttp: number;
  BytesFromCacheServer: number;
  BytesFromPeers: number;
}

/** One device at a content: bytes and bytes/s. */
export interface SwarmDevice {
  PeerId: string;
  Site: string;
  DownloadMode: number;
  IsBackground: boolean;
  LastJoin: string;
  Left: number;
  BytesFromHttp: number;
  BytesFromCacheServer: number;
  BytesFromPeers: number;
  BytesUploaded: number;
  Rates: { Http: number; CacheServer: number; Peers: number; Upload: number } | null;
}

export interface Swarm {
  ContentId: string;
  ContentLength: number | null;
  Urls: string[];
  Devices: SwarmDevice[];
}

export async function swarms(): Promise<SwarmEntry[]> {
  return (await askJson<{ Swarms: SwarmEntry[] }>('/admin/swarms')).Swarms;
}

export function swarm(contentId: string): Promise<Swarm> {
  return askJson(`/admin/swarms/${encodeURIComponent(contentId)}`);
}
