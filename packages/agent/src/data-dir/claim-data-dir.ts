import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sluiceError } from '@sluice/protocol';
import { diskError } from '../store/disk-error.ts';
import { acquireLock, lockOwner } from '../store/entry-lock.ts';

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
    const lock = await acquireLock(lockOf(dataDir));
    if (typeof lock === 'string') throw running(dataDir, lock);
    return lock;
  } catch (error) {
    throw diskError(error, dataDir);
  }
}

/**
 * For who is about to take something else from a running agent before the claim can be made. Makes nothing:
 * root's files in the directory would be in the agent's way.
 * @throws AgentRunning, DiskUnwritable, DiskFailed.
 */
export async function checkUnclaimed(dataDir: string): Promise<void> {
  try {
    const owner = await lockOwner(lockOf(dataDir));
    if (owner !== undefined) throw running(dataDir, owner);
  } catch (error) {
    throw diskError(error, dataDir);
  }
}

function lockOf(dataDir: string): string {
  return join(dataDir, 'agent.lock');
}

function running(dataDir: string, owner: string): Error {
  return sluiceError('AgentRunning', { dataDir, owner });
}
