import { checkUnclaimed } from '../data-dir/claim-data-dir.ts';
import { defaultRunDir, removePortFiles } from './port-file.ts';

/**
 * Removes port files of agents that were killed, as early as can be: while a new agent is being loaded,
 * Microsoft's clients would go to the dead port and give up; without a file they wait. That of the agent
 * which runs on `dataDir` is left.
 * @throws AgentRunning, Disk errors.
 */
export async function makeWay(dataDir: string, runDir = defaultRunDir): Promise<void> {
  await checkUnclaimed(dataDir);
  removePortFiles(runDir);
}
