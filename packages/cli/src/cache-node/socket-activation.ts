type Environment = Readonly<Record<string, string | undefined>>;

/** Where systemd puts the first socket that it passes (sd_listen_fds(3)). */
const firstFd = 3;

/**
 * The listening socket that systemd made for this service; undefined when there is none. The launcher
 * hands descriptors and environment down, so the process that they were meant for may be its parent.
 */
export function socketFromSystemd(
  env: Environment = process.env,
  pids: readonly number[] = [process.pid, process.ppid],
): { fd: number } | undefined {
  if (!pids.includes(Number(env.LISTEN_PID))) return undefined;
  return Number(env.LISTEN_FDS) >= 1 ? { fd: firstFd } : undefined;
}
