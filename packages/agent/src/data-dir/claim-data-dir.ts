import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sluiceError } from '@sluice/protocol';
import { acquireLock } from '../store/entry-lock.ts';
import { diskError } from '../store/index.ts';

/** That this agent has the data directory to itself. */
export interface DataDirClaim {
  release(): Promise<void>;
}

/**
 * Makes the directory when it is absent, for this user only, and claims it: two agents on one would
 * take each other's jobs, peer id and socket. An agent that was killed leaves no claim behind.
 * @throws AgentRunning, DiskUnwritable, DiskFull, DiskFailed.
 */
export async function claimDataDir(dataDir: string): Promise<DataDirClaim> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const lock = await acquireLock(join(dataDir, 'agent.lock'));
    if (typeof lock === 'string') throw sluiceError('AgentRunning', { dataDir, owner: lock });
    return lock;
  } catch (error) {
    throw diskError(error, dataDir);
  }
}
