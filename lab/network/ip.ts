import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a command of the system to its end. @throws Error with what it said. */
export async function command(name: string, ...args: string[]): Promise<string> {
  try {
    return (await run(name, args, { maxBuffer: 1 << 24 })).stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const detail = stderr?.trim() || message;
    throw new Error(`${name} ${args.join(' ')}: ${detail}`, { cause: error });
  }
}

/** `ip <args>`, in a namespace. */
export function ip(namespace: string, args: string): Promise<string> {
  return command('ip', '-n', namespace, ...args.split(' '));
}

/** A command in a namespace. */
export function inNamespace(namespace: string, name: string, ...args: string[]): Promise<string> {
  return command('ip', 'netns', 'exec', namespace, name, ...args);
}
