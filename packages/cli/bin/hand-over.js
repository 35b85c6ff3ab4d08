/** Runs the command on the Node.js of the `node` package, for an older one. Plain JavaScript. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** @param needed the oldest major and minor version that will do. */
export function handOver(needed) {
  handOverTo(pinnedNode(), needed);
}

/** The binary of the `node` package, or undefined when it is not installed (`--omit`, ignored scripts). */
function pinnedNode() {
  try {
    const packageFile = createRequire(import.meta.url).resolve('node/package.json');
    const name = process.platform === 'win32' ? 'node.exe' : 'node';
    const binary = path.join(path.dirname(packageFile), 'bin', name);
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

function handOverTo(binary, needed) {
  if (binary === undefined) {
    console.error(
      `sluice: Node.js ${needed.join('.')} or newer is needed, this is ${process.versions.node}\n` +
        '  Run `npm ci` in the Sluice folder (it installs a fitting Node.js), or update Node.js.',
    );
    process.exit(1);
  }
  const start = fileURLToPath(new URL('./start.js', import.meta.url));
  const child = spawn(binary, [start, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child twice then, from the terminal and from here; it takes the two as one.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']) {
    if (process.platform !== 'win32' || name === 'SIGINT' || name === 'SIGHUP') {
      process.on(name, () => child.kill(name));
    }
  }
  child.on('error', (error) => {
    console.error(`sluice: cannot start ${binary}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    // End by the same signal, so that a shell sees the same thing as without the launcher.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Only where the signal did not end this process (Windows, or one that is blocked).
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 1000);
  });
}
