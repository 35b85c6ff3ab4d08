import { spawn } from 'node:child_process';

/** How long the program that opens it may take until it counts as done, ms: some stay with the browser. */
const patienceMs = 3_000;

/** Opens an address in the user's browser. @returns false: there is none, or no screen */
export async function openInBrowser(url: string): Promise<boolean> {
  const [command, ...args] = openerFor(process.platform);
  if (command === undefined) return false;
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.unref();
  return new Promise((resolve) => {
    const limit = setTimeout(() => resolve(true), patienceMs);
    const end = (opened: boolean) => {
      clearTimeout(limit);
      resolve(opened);
    };
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
  });
}

/** The user's own choice comes first, as everywhere: `BROWSER`, one program. */
function openerFor(platform: NodeJS.Platform): string[] {
  const { BROWSER, DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (BROWSER) return [BROWSER];
  if (platform === 'darwin') return ['open'];
  // Without a shell: `&` in the address would be a command to it.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return DISPLAY || WAYLAND_DISPLAY ? ['xdg-open'] : [];
}
