import type { SwarmDevice } from '@sluice/protocol';
import { useEffect, useState } from 'react';
import { serverEvents } from './event-stream.ts';

/** Until it is tried again when the stream has ended, ms. */
const againMs = 2_000;

export interface LiveDevices {
  /** By peer id; undefined: nothing was heard yet. */
  devices: SwarmDevice[] | undefined;
  isLive: boolean;
}

/** The devices at a content, as they change. */
export function useLiveDevices(contentId: string): LiveDevices {
  const [live, setLive] = useState<LiveDevices>({ devices: undefined, isLive: false });
  useEffect(() => {
    const stop = new AbortController();
    follow(contentId, stop.signal, setLive);
    return () => stop.abort();
  }, [contentId]);
  return live;
}

/** What has all of it receives no more, though it did between its last two joins. */
function asItIsNow(device: SwarmDevice): SwarmDevice {
  const { Left, Rates } = device;
  if (Left > 0 || Rates === null) return device;
  return { ...device, Rates: { ...Rates, Http: 0, CacheServer: 0, Peers: 0 } };
}

async function follow(
  contentId: string,
  signal: AbortSignal,
  tell: (update: (before: LiveDevices) => LiveDevices) => void,
): Promise<void> {
  const path = `/admin/swarms/${encodeURIComponent(contentId)}/stream`;
  while (!signal.aborted) {
    const devices = new Map<string, SwarmDevice>();
    try {
      for await (const { data } of serverEvents(path, signal)) {
        const { Devices, Gone } = JSON.parse(data) as { Devices: SwarmDevice[]; Gone: string[] };
        for (const id of Gone) devices.delete(id);
        for (const device of Devices) devices.set(device.PeerId, asItIsNow(device));
        tell(() => ({ devices: [...devices.values()], isLive: true }));
      }
    } catch {
      // The page says that it is not live; what was heard stays until more comes.
    }
    if (signal.aborted) return;
    tell((before) => ({ ...before, isLive: false }));
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}
