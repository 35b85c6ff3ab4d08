import type { DeviceSamples, JoinSample } from './join-samples.ts';

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

export function swarmDevices(samples: readonly DeviceSamples[]): SwarmDevice[] {
  return samples
    .map(deviceOf)
    .sort((a, b) => a.Site.localeCompare(b.Site) || a.PeerId.localeCompare(b.PeerId));
}

/** What a watcher has to hear who was told `told` before, if anything, and is told `now`; undefined: nothing. */
export function changesSince(
  told: ReadonlyMap<string, string> | undefined,
  now: ReadonlyMap<string, string>,
): { Changed: string[]; Gone: string[] } | undefined {
  if (!told) return { Changed: [...now.keys()], Gone: [] };
  const Changed = [...now].filter(([id, text]) => told.get(id) !== text).map(([id]) => id);
  const Gone = [...told.keys()].filter((id) => !now.has(id));
  return Changed.length + Gone.length > 0 ? { Changed, Gone } : undefined;
}

function deviceOf({ latest, before }: DeviceSamples): SwarmDevice {
  return {
    PeerId: latest.peerId,
    Site: latest.site,
    DownloadMode: latest.scope,
    IsBackground: latest.background,
    LastJoin: new Date(latest.at).toISOString(),
    Left: latest.left,
    BytesFromHttp: latest.fromHttp,
    BytesFromCacheServer: latest.fromCache,
    BytesFromPeers: latest.fromPeers,
    BytesUploaded: latest.uploaded,
    Rates: before ? ratesBetween(before, latest) : null,
  };
}

function ratesBetween(before: JoinSample, latest: JoinSample): SwarmDevice['Rates'] {
  const seconds = (latest.at - before.at) / 1000;
  const rate = (of: 'fromHttp' | 'fromCache' | 'fromPeers' | 'uploaded') =>
    Math.round((latest[of] - before[of]) / seconds);
  const rates = {
    Http: rate('fromHttp'),
    CacheServer: rate('fromCache'),
    Peers: rate('fromPeers'),
    Upload: rate('uploaded'),
  };
  // Another download of the same device counts from nothing again.
  return seconds > 0 && Object.values(rates).every((r) => r >= 0) ? rates : null;
}
