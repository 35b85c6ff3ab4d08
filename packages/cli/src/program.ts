import type { Command } from 'commander';
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
import { programOf } from './program-of.ts';

/**
 * The whole command line. Building it loads no other package: each command does that when it runs, so
 * that help and completion start fast.
 */
export function buildProgram(): Command {
  return programOf([
    getCommand(),
    whyCommand(),
    statusCommand(),
    priorityCommand(),
    perfSnapCommand(),
    cacheCommand(),
    logCommand(),
    eventsCommand(),
    doctorCommand(),
    configCommand(),
    policyCommand(),
    publishCommand(),
    keysCommand(),
    phfCommand(),
    agentCommand(),
    enrolCommand(),
    cloudCommand(),
    cloudSettingsCommand(),
    cloudCacheNodeCommand(),
    cacheNodeCommand(),
    reportCommand(),
    demoCommand(loadDemo),
    simulateCommand(),
    completionCommand(),
  ]);
}

const loadDemo: RunDemo = async (options, render, signal) => {
  const { runDemo } = await import('./demo/run-demo.ts');
  return runDemo(options, render, signal);
};
