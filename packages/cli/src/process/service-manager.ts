import { execFile } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the manager of services is told: sd_notify(3). */
export type ServiceState = 'READY=1' | 'STOPPING=1' | 'WATCHDOG=1' | `STATUS=${string}`;

/** The manager that started this process, if one did. */
export interface ServiceManager {
  /** Tells it; what cannot be told is not: the service is more important than its report. */
  tell(...states: ServiceState[]): Promise<void>;
  /** Between signs of life, ms; undefined when nobody watches. */
  readonly watchdogMs: number | undefined;
}

const timeoutMs = 5_000;

/**
 * systemd, by `$NOTIFY_SOCKET`. Node has no Unix datagram sockets, so the word goes through
 * `systemd-notify`, which the unit must allow (`NotifyAccess=all`).
 * @param run runs a command; its failure is a rejection
 */
export function serviceManager(
  env: Environment = process.env,
  run: (command: string, args: string[]) => Promise<unknown> = runQuietly,
  pids: readonly number[] = [process.pid, process.ppid],
): ServiceManager {
  const isManaged = Boolean(env.NOTIFY_SOCKET);
  return {
    async tell(...states) {
      if (isManaged) await run('systemd-notify', states).catch(() => {});
    },
    watchdogMs: isManaged ? watchdogOf(env, pids) : undefined,
  };
}

/** Half of the time after which the watchdog bites, as sd_watchdog_enabled(3) advises. */
function watchdogOf(env: Environment, pids: readonly number[]): number | undefined {
  const microseconds = Number(env.WATCHDOG_USEC);
  if (!(microseconds > 0)) return undefined;
  // Of another process that handed its environment down. The launcher (bin/sluice.js) is not one.
  if (env.WATCHDOG_PID !== undefined && !pids.includes(Number(env.WATCHDOG_PID))) return undefined;
  return Math.min(microseconds / 2000, 2 ** 31 - 1);
}

function runQuietly(command: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: timeoutMs }, (error) => (error ? reject(error) : resolve()));
  });
}
