import { homedir } from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Sluice keeps its state: one folder per role below it. */
export type StateRole = 'agent' | 'cloud' | 'cache' | 'cache-tls' | 'publish';

/**
 * The folder of one role: `$SLUICE_DATA_DIR/<role>`, else below the state folder that the operating
 * system has for the user: `$XDG_STATE_HOME` or `~/.local/state` (XDG base directories),
 * `~/Library/Application Support`, `%LOCALAPPDATA%`.
 * @throws SystemError when the user has no home folder and no variable says where to go.
 */
export function defaultDataDir(
  role: StateRole,
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: () => string = homedir,
): string {
  const p = platform === 'win32' ? path.win32 : path.posix;
  if (env.SLUICE_DATA_DIR) return p.join(p.resolve(env.SLUICE_DATA_DIR), role);
  return p.join(stateRoot(env, platform, home, p), 'sluice', role);
}

function stateRoot(
  env: Environment,
  platform: NodeJS.Platform,
  home: () => string,
  p: path.PlatformPath,
): string {
  if (platform === 'win32') return env.LOCALAPPDATA || p.join(home(), 'AppData', 'Local');
  if (platform === 'darwin') return p.join(home(), 'Library', 'Application Support');
  const state = env.XDG_STATE_HOME;
  return state && p.isAbsolute(state) ? state : p.join(home(), '.local', 'state');
}
