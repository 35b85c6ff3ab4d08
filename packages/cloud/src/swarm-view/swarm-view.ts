import type { SwarmDevice } from '@sluice/protocol';
import type { DeviceSamples, JoinSample } from './join-samples.ts';

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
