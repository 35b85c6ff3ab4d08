import { fileURLToPath } from 'node:url';
import { LabProcess } from '../process/lab-process.ts';

const start = fileURLToPath(new URL('../../packages/cli/bin/start.js', import.meta.url));

export interface SluiceCommand {
  namespace: string;
  args: string[];
  log: string;
}

/** A `sluice` server in a namespace, and what its ready line says. */
interface SluiceServer {
  process: LabProcess;
  ready: Record<string, unknown>;
}

/** Starts a server of Sluice and waits until it is ready. */
export async function startSluice(command: SluiceCommand): Promise<SluiceServer> {
  const started = await spawnSluice(command);
  try {
    const line = await started.line((text) => text.startsWith('{"Ready"'));
    return { process: started, ready: JSON.parse(line) };
  } catch (error) {
    await started.kill();
    throw error;
  }
}

/** Runs a command of Sluice to its end. @returns the JSON that it prints. */
export async function runSluice(command: SluiceCommand, signal: AbortSignal): Promise<string> {
  await using started = await spawnSluice(command);
  const line = await started.line((text) => text.startsWith('{'), { signal });
  await started.succeeded(signal);
  return line;
}

function spawnSluice({ namespace, args, log }: SluiceCommand): Promise<LabProcess> {
  return LabProcess.start({
    namespace,
    command: process.execPath,
    args: [start, ...args, '--json'],
    log,
  });
}
