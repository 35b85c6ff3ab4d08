import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { AgentOptions } from '../agent-options.ts';
import type { Routes } from '../source/proxy/index.ts';
import { DeviceSessions } from './device-sessions.ts';
import { readEnrolment } from './enrolment-file.ts';

/** Who the device is to its cloud; undefined when it is not enrolled. @throws Disk errors. */
export async function openSessions(
  { dataDir, enrolmentDir: dir = dataDir, persistent, today }: AgentOptions,
  parts: { clock: Clock; logger: Logger; routes: Routes | undefined },
): Promise<DeviceSessions | undefined> {
  const enrolment = await readEnrolment(dir);
  if (!enrolment) return undefined;
  const now = today ? () => today().getTime() : Date.now;
  const renewsKey = persistent === true;
  return DeviceSessions.open({ dir, enrolment, renewsKey, now, ...parts });
}
