import type { SwarmEntry, SwarmView } from '@sluice/protocol';
import { askJson } from './client.ts';

export async function swarms(): Promise<SwarmEntry[]> {
  return (await askJson<{ Swarms: SwarmEntry[] }>('/admin/swarms')).Swarms;
}

export function swarm(contentId: string): Promise<SwarmView> {
  return askJson(`/admin/swarms/${encodeURIComponent(contentId)}`);
}
