import type { IngestLimits, IngestView } from '@sluice/protocol';
import { askJson, withQuery } from './client.ts';

const root = '/admin/ingest';

export function ingestLimits(): Promise<IngestLimits> {
  return askJson(`${root}/limits`);
}

/** @param state empty: all */
export function ingestPage(
  state: string,
  after: string | undefined,
): Promise<{ Jobs: IngestView[]; Next: string | null }> {
  return askJson(withQuery(root, { state, limit: 100, after }));
}

export function takeIn(urls: string[]): Promise<unknown> {
  return askJson(root, { method: 'POST', body: { Urls: urls } });
}

export function retryIngest(id: string): Promise<unknown> {
  return askJson(`${root}/${encodeURIComponent(id)}/retry`, { method: 'POST', body: {} });
}

export function removeIngest(id: string): Promise<void> {
  return askJson(`${root}/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
