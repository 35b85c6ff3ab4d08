/** A device of a swarm as people see it. Bytes, bytes/s. */
export interface SwarmDevice {
  PeerId: string;
  /** Devices with the same one share a line. */
  Site: string;
  DownloadMode: number;
  IsBackground: boolean;
  /** ISO 8601. */
  LastJoin: string;
  /** Bytes still missing; 0: it has all of it. */
  Left: number;
  BytesFromHttp: number;
  BytesFromCacheServer: number;
  BytesFromPeers: number;
  BytesUploaded: number;
  /** Between its last two joins; null: it has joined once only, or begun anew. */
  Rates: { Http: number; CacheServer: number; Peers: number; Upload: number } | null;
}

/** A content that devices are at: `GET /admin/swarms`. */
export interface SwarmEntry {
  ContentId: string;
  ContentLength: number | null;
  Urls: string[];
  /** ISO 8601. */
  LastJoin: string;
  Devices: number;
  Complete: number;
  Sites: number;
  BytesFromHttp: number;
  BytesFromCacheServer: number;
  BytesFromPeers: number;
}

/** `GET /admin/swarms/:contentId` */
export interface SwarmView {
  ContentId: string;
  ContentLength: number | null;
  Urls: string[];
  Devices: SwarmDevice[];
}
