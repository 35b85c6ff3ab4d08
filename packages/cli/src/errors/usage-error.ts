import type { Command, CommanderError } from 'commander';

/** Flags or arguments that commander refused, with the command that they were for. */
export class UsageError extends Error {
  /** As it is typed: `sluice phf create`. */
  readonly command: string;

  constructor(error: CommanderError, command: Command) {
    super(error.message.replace(/^error: /, '').replaceAll('\n', ' '), { cause: error });
    this.name = 'UsageError';
    this.command = pathOf(command);
  }
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
