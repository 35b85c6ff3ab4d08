import { sluiceError } from '@sluice/protocol';
import type { PreheatOrder, PreheatReport } from '../preheat/preheat-job.ts';
import type { NodeStatus } from '../watch/node-status.ts';
import { readControlFile } from './control-file.ts';

/** The orders that a running node takes. All throw NoCacheNode, ServiceRefused. */
export interface CacheNodeControl {
  status(): Promise<NodeStatus>;
  preheat(order: PreheatOrder): Promise<PreheatReport>;
  /** How far a job is. */
  preheated(id: string): Promise<PreheatReport>;
  cancelPreheat(id: string): Promise<PreheatReport>;
}

const timeoutMs = 30_000;

/** @param stateDir of the running node. @throws NoCacheNode when there is none */
export async function connectCacheNode(stateDir: string): Promise<CacheNodeControl> {
  const address = await readControlFile(stateDir);
  if (!address) throw sluiceError('NoCacheNode', { stateDir });
  const { url, token } = address;
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    let response: Response;
    try {
      response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body && { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (cause) {
      // A node that was killed leaves its file behind.
      throw sluiceError('NoCacheNode', { stateDir }, { cause });
    }
    const value = (await response.json()) as { Message?: string };
    if (response.ok) return value as T;
    throw sluiceError('ServiceRefused', {
      service: 'the cache node',
      status: response.status,
      detail: value.Message ?? '',
    });
  };
  return {
    status: () => ask('GET', '/status'),
    preheat: (order) => ask('POST', '/preheat', order),
    preheated: (id) => ask('GET', `/preheat/${id}`),
    cancelPreheat: (id) => ask('DELETE', `/preheat/${id}`),
  };
}
