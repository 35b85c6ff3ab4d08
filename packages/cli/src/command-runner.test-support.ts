/**
 * A program that runs command lines one after the other in one process, as its parent sends them: a start costs many
 * times what most commands do.
 */
import { buildProgram } from './program.ts';
import { runCommandLine } from './run-command-line.ts';

export interface CommandLine {
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
}

export interface CommandLineResult {
  code: number;
  stdout: string;
  stderr: string;
}

if (import.meta.main) {
  process.on('message', async ({ args, env, cwd }: CommandLine) => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, env);
    process.chdir(cwd);
    const [stdout, stderr] = [captured(process.stdout), captured(process.stderr)];
    const code = await runCommandLine(args, buildProgram);
    // The folder may be removed now.
    process.chdir('/');
    process.send?.({ code, stdout: stdout(), stderr: stderr() } satisfies CommandLineResult);
  });
  process.on('disconnect', () => process.exit());
}

/** What is written from now on. */
function captured(stream: NodeJS.WriteStream): () => string {
  const chunks: Buffer[] = [];
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    chunks.push(Buffer.from(chunk as string));
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
  return () => Buffer.concat(chunks).toString();
}
