import { Command, type CommanderError, Option } from 'commander';
import { agentCommand } from './commands/agent.ts';
import { cacheCommand } from './commands/cache.ts';
import { cacheNodeCommand } from './commands/cache-node.ts';
import { cloudCommand } from './commands/cloud.ts';
import { cloudCacheNodeCommand } from './commands/cloud-cache-node.ts';
import { cloudSettingsCommand } from './commands/cloud-settings.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { enrolCommand } from './commands/enrol.ts';
import { eventsCommand } from './commands/events.ts';
import { getCommand } from './commands/get.ts';
import { keysCommand } from './commands/keys.ts';
import { logCommand } from './commands/log.ts';
import { perfSnapCommand } from './commands/perfsnap.ts';
import { phfCommand } from './commands/phf.ts';
import { policyCommand } from './commands/policy.ts';
import { priorityCommand } from './commands/priority.ts';
import { publishCommand } from './commands/publish.ts';
import { reportCommand } from './commands/report.ts';
import { simulateCommand } from './commands/simulate.ts';
import { statusCommand } from './commands/status.ts';
import { whyCommand } from './commands/why.ts';
import type { RunDemo } from './demo/demo-types.ts';
import { exitCodeTable } from './errors/exit-codes.ts';
import { UsageError } from './errors/usage-error.ts';
import { logLevels } from './process/log-level.ts';
import { version } from './version.ts';

/**
 * The whole command line. Building it loads no other package: each command does that when it runs, so
 * that help and completion start fast.
 */
export function buildProgram(): Command {
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
    .addCommand(getCommand())
    .addCommand(whyCommand())
    .addCommand(statusCommand())
    .addCommand(priorityCommand())
    .addCommand(perfSnapCommand())
    .addCommand(cacheCommand())
    .addCommand(logCommand())
    .addCommand(eventsCommand())
    .addCommand(doctorCommand())
    .addCommand(configCommand())
    .addCommand(policyCommand())
    .addCommand(publishCommand())
    .addCommand(keysCommand())
    .addCommand(phfCommand())
    .addCommand(agentCommand())
    .addCommand(enrolCommand())
    .addCommand(cloudCommand())
    .addCommand(cloudSettingsCommand())
    .addCommand(cloudCacheNodeCommand())
    .addCommand(cacheNodeCommand())
    .addCommand(reportCommand())
    .addCommand(demoCommand(loadDemo))
    .addCommand(simulateCommand())
    .addCommand(completionCommand())
    .addHelpText('after', () => `\n${environmentTable}\n\n${exitCodeTable()}`);
  configure(program);
  return program;
}

const loadDemo: RunDemo = async (options, render, signal) => {
  const { runDemo } = await import('./demo/run-demo.ts');
  return runDemo(options, render, signal);
};

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
