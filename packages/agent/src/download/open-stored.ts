import type { PieceGeometry } from '@sluice/protocol';
import type { ContentDescription, ContentEntry, ContentStore } from '../store/index.ts';

export interface OpenedContent {
  entry: ContentEntry;
  geometry: PieceGeometry;
  /** Bytes that came before it was opened, in this download. */
  came?: number;
}

/** What the store says of a content; undefined when there is nothing of it. */
export async function describeStored(
  store: ContentStore,
  hashOfHashes: string,
): Promise<ContentDescription | undefined> {
  const found = (await store.entries()).find(({ description: d }) => d.key === hashOfHashes);
  return found?.description.hashOfHashes === hashOfHashes ? found.description : undefined;
}

/**
 * Opens what an earlier try left of a content, with its hash list: neither cloud nor network is needed
 * to go on.
 * @returns undefined when there is nothing, or no hash list that verifies.
 */
export async function openStored(
  store: ContentStore,
  hashOfHashes: string,
  signal: AbortSignal,
): Promise<OpenedContent | undefined> {
  const description = await describeStored(store, hashOfHashes);
  if (!description) return undefined;
  const entry = await store.open(description, signal);
  if (entry.phf() !== undefined) return { entry, geometry: description };
  await entry.close();
  return undefined;
}
