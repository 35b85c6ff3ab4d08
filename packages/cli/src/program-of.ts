import { Command, type CommanderError, Option } from 'commander';
import { exitCodeTable } from './errors/exit-codes.ts';
import { UsageError } from './errors/usage-error.ts';
import { logLevels } from './process/log-level.ts';
import { version } from './version.ts';

/** `sluice` with these commands. */
export function programOf(commands: readonly Command[]): Command {
  const program = new Command('sluice')
    .description(
      'Brings large files to many machines: from peers, a cache on site and HTTP at once',
    )
    .version(version(), '-V, --version', 'print the version')
    .addOption(
      new Option('--log-level <level>', 'what goes to the log on standard error').choices(
        logLevels,
      ),
    )
    .addHelpText('after', () => `\n${environmentTable}\n\n${exitCodeTable()}`);
  for (const command of commands) program.addCommand(command);
  configure(program);
  return program;
}

/** Errors are thrown, with the command that they belong to, and printed in one place. */
function configure(command: Command): void {
  command
    .configureOutput({ outputError: () => {} })
    .configureHelp({
      showGlobalOptions: true,
      // Those of `sluice cloud` start a cloud: they are not for the commands below it.
      visibleGlobalOptions: (command) => {
        const root = rootOf(command);
        return root === command ? [] : root.createHelp().visibleOptions(root).filter(isNoHelp);
      },
      styleTitle: (title) => `\x1b[1m${title}\x1b[22m`,
    })
    .exitOverride((error: CommanderError) => {
      throw error.exitCode === 0 || error.code === 'commander.help'
        ? error
        : new UsageError(error, command);
    });
  for (const child of command.commands) configure(child);
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}

function isNoHelp(option: Option): boolean {
  return option.long !== '--help';
}

const environmentTable = `Environment:
  SLUICE_CLOUD        default of --cloud
  SLUICE_CACHE_HOST   default of --cache-host, several after commas
  SLUICE_DATA_DIR     the state folder: agent, cloud and cache have a folder each in it
  SLUICE_ADMIN_TOKEN  API token or admin token for a cloud
  SLUICE_<Setting>    a setting by its Delivery Optimization name
  NO_COLOR            no colours`;
