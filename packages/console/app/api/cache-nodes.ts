import type { HeartbeatRequest } from '@sluice/protocol';
import { askJson } from './client.ts';

/** What an admin says of a cache node. */
export interface NodeSettings {
  Cidrs: string[];
  MaxAllowableEgressInMbps: number | null;
  IsEnabled: boolean;
}

/** A node as `GET /admin/cache-nodes` has it. */
export interface CacheNode extends NodeSettings {
  Name: string;
  CacheNodeId: string;
  State: 'Not configured' | 'Not provisioned' | 'Never phoned home' | 'Healthy' | 'Unhealthy';
  IsHandedOut: boolean;
  Drives: { Path: string; SizeInGb: number }[];
  PublicHost: string | null;
  LastHeartbeat: string | null;
  Heartbeat: Omit<HeartbeatRequest, 'Jobs'> | null;
}

export interface PreheatJob {
  Id: string;
  State: 'Waiting' | 'Running' | 'Ended' | 'Cancelled';
  Urls: string[];
  Rate: number | null;
  NextRun: string | null;
  EverySeconds: number | null;
  Runs: number;
  Results: HeartbeatRequest['Jobs'][number]['Results'];
}

const root = '/admin/cache-nodes';
const of = (name: string) => `${root}/${encodeURIComponent(name)}`;

export async function cacheNodes(): Promise<CacheNode[]> {
  return (await askJson<{ CacheNodes: CacheNode[] }>(root)).CacheNodes;
}

export function cacheNode(name: string): Promise<CacheNode> {
  return askJson(of(name));
}

/** @returns with the key that registers it, which is told once only */
export function createNode(
  node: { Name: string } & Partial<NodeSettings>,
): Promise<CacheNode & { RegistrationKey: string }> {
  return askJson(root, { method: 'POST', body: node });
}

export function changeNode(name: string, settings: Partial<NodeSettings>): Promise<CacheNode> {
  return askJson(of(name), { method: 'PATCH', body: settings });
}

export function removeNode(name: string): Promise<void> {
  return askJson(of(name), { method: 'DELETE' });
}

export function renewKey(name: string): Promise<{ RegistrationKey: string }> {
  return askJson(`${of(name)}/registration-key`, { method: 'POST', body: {} });
}

export async function preheatJobs(name: string): Promise<PreheatJob[]> {
  return (await askJson<{ Jobs: PreheatJob[] }>(`${of(name)}/preheat`)).Jobs;
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
