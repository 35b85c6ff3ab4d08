import type { CacheNodeSettings, CacheNodeView, PreheatJobView } from '@sluice/protocol';
import { askJson } from './client.ts';

const root = '/admin/cache-nodes';
const of = (name: string) => `${root}/${encodeURIComponent(name)}`;

export async function cacheNodes(): Promise<CacheNodeView[]> {
  return (await askJson<{ CacheNodes: CacheNodeView[] }>(root)).CacheNodes;
}

export function cacheNode(name: string): Promise<CacheNodeView> {
  return askJson(of(name));
}

/** @returns with the key that registers it, which is told once only */
export function createNode(
  node: { Name: string } & Partial<CacheNodeSettings>,
): Promise<CacheNodeView & { RegistrationKey: string }> {
  return askJson(root, { method: 'POST', body: node });
}

export function changeNode(
  name: string,
  settings: Partial<CacheNodeSettings>,
): Promise<CacheNodeView> {
  return askJson(of(name), { method: 'PATCH', body: settings });
}

export function removeNode(name: string): Promise<void> {
  return askJson(of(name), { method: 'DELETE' });
}

export function renewKey(name: string): Promise<{ RegistrationKey: string }> {
  return askJson(`${of(name)}/registration-key`, { method: 'POST', body: {} });
}

export async function preheatJobs(name: string): Promise<PreheatJobView[]> {
  return (await askJson<{ Jobs: PreheatJobView[] }>(`${of(name)}/preheat`)).Jobs;
}

export function preheat(
  name: string,
  job: { Urls: string[]; At?: string; EverySeconds?: number },
): Promise<{ Id: string }> {
  return askJson(`${of(name)}/preheat`, { method: 'POST', body: job });
}

export function cancelPreheat(name: string, id: string): Promise<void> {
  return askJson(`${of(name)}/preheat/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
