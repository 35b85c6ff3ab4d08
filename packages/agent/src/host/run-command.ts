import { execFile } from 'node:child_process';

const timeoutMs = 10_000;
const maxOutput = 1 << 20;

/** What a command of the system prints. Rejects when it is not there, fails or takes too long. */
export function runCommand(command: string, args: string[]): Promise<string> {
  const options = { timeout: timeoutMs, maxBuffer: maxOutput, windowsHide: true };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}
