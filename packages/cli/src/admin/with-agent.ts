import path from 'node:path';
import type { LocalApiClient } from '@sluice/agent/local-api';
import { sluiceError } from '@sluice/protocol';
import { defaultDataDir } from '../paths/data-dir.ts';

export interface AgentFlags {
  dataDir?: string;
  json?: boolean;
}

export function agentDataDir({ dataDir }: AgentFlags): string {
  return path.resolve(dataDir ?? defaultDataDir('agent'));
}

/** Asks the running agent. @throws NoAgent, and what `work` throws. */
export async function withAgent<T>(
  flags: AgentFlags,
  work: (client: LocalApiClient) => Promise<T>,
): Promise<T> {
  const { connectLocalApi } = await import('@sluice/agent/local-api');
  const dataDir = agentDataDir(flags);
  await using client = await connectLocalApi(dataDir);
  if (!client) throw sluiceError('NoAgent', { dataDir });
  return await work(client);
}
