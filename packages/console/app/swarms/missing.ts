import type { SwarmDevice } from '@sluice/protocol';

/** Bytes that a device lacks. One that has just begun says 1: it does not know the size yet, which is `length`. */
export function missingOf(device: SwarmDevice, length: number | null): number {
  const { Left, BytesFromHttp, BytesFromCacheServer, BytesFromPeers } = device;
  const isNew = Left === 1 && BytesFromHttp + BytesFromCacheServer + BytesFromPeers === 0;
  return Math.min(isNew ? Number.POSITIVE_INFINITY : Left, length ?? Left);
}
