import { exitCodes } from '../errors/exit-codes.ts';

/** The end of a command's help: what to type for what, and the exit codes in short. */
export function examples(...lines: readonly (readonly [command: string, does: string])[]): string {
  const shown = lines.map(([command, does]) => `  $ ${command}\n      ${does}`);
  const codes = Object.entries(exitCodes).map(([name, [code]]) => `${code} ${words(name)}`);
  return `\nExamples:\n${shown.join('\n')}\n\nExit codes (see sluice --help): ${codes.join(', ')}`;
}

/** `OutputClosed` → `output closed` */
function words(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
