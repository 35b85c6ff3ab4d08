/**
 * A program that runs many command lines one after the other, in one process: a start takes a hundred times as
 * long as what a wrong command line needs. Takes `CommandLine[]` in JSON as its argument and prints
 * `CommandLineResult[]`.
 */
import { buildProgram } from './program.ts';
import { runCommandLine } from './run-command-line.ts';

export interface CommandLine {
  args: string[];
  env: Record<string, string>;
}

export interface CommandLineResult {
  code: number;
  stdout: string;
  stderr: string;
}

if (import.meta.main) {
  const results: CommandLineResult[] = [];
  const { stdout, stderr } = process;
  const print = stdout.write.bind(stdout);
  for (const { args, env } of JSON.parse(process.argv[2]!) as CommandLine[]) {
    const result = { code: -1, stdout: '', stderr: '' };
    stdout.write = (text: string | Uint8Array) => {
      result.stdout += text;
      return true;
    };
    stderr.write = (text: string | Uint8Array) => {
      result.stderr += text;
      return true;
    };
    Object.assign(process.env, env);
    result.code = await runCommandLine(args, buildProgram);
    for (const name of Object.keys(env)) delete process.env[name];
    results.push(result);
  }
  print(JSON.stringify(results), () => process.exit());
}
