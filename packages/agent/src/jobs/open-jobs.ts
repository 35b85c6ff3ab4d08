import { pino } from 'pino';
import type { Agent } from '../agent.ts';
import { systemClock } from '../clock/system-clock.ts';
import { hasNetwork } from '../network/has-network.ts';
import type { JobDesk, JobDeskOptions } from './job-desk.ts';

export type { JobDesk } from './job-desk.ts';

/**
 * Takes up the jobs of callers. To be closed before its agent. @throws Disk errors.
 */
export async function openJobs(
  agent: Pick<Agent, 'download'>,
  dataDir: string,
  options: Partial<Pick<JobDeskOptions, 'clock' | 'logger' | 'hasNetwork'>> = {},
): Promise<JobDesk> {
  // The schemas of jobs take longer to load than a small download.
  const { JobDesk } = await import('./job-desk.ts');
  const logger = pino({ level: 'silent' });
  return JobDesk.open({ clock: systemClock, logger, hasNetwork, ...options, agent, dataDir });
}
