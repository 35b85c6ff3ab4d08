import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CommandLine, CommandLineResult } from './command-runner.test-support.ts';

const program = fileURLToPath(new URL('command-runner.test-support.ts', import.meta.url));
/** Processes that wait for a command: as many as ever ran at once. */
const idle: ChildProcess[] = [];

/** Runs a command to its end in a process that ran others before. @throws when the command ends that process */
export async function runInRunner(line: CommandLine): Promise<CommandLineResult> {
  const runner =
    idle.pop() ?? fork(program, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  hold(runner);
  const ended = new AbortController();
  const { signal } = ended;
  try {
    runner.send(line);
    const [result] = await Promise.race([
      once(runner, 'message', { signal }),
      once(runner, 'exit', { signal }).then(([code]) => {
        throw new Error(`sluice ${line.args.join(' ')} ended its process with ${code}`);
      }),
    ]);
    // It must not keep this process when all tests are done.
    runner.unref();
    runner.channel?.unref();
    idle.push(runner);
    return result;
  } finally {
    ended.abort();
  }
}

function hold(runner: ChildProcess): void {
  runner.ref();
  runner.channel?.ref();
}

after(async () => {
  for (const runner of idle.splice(0)) {
    hold(runner);
    runner.disconnect();
    await once(runner, 'exit');
  }
});
