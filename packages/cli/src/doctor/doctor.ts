import { access } from 'node:fs/promises';
import type { LocalApiClient } from '@sluice/agent/local-api';
import type { DoctorCheck, DoctorReport } from '@sluice/protocol';
import { type AgentFlags, agentDataDir } from '../admin/with-agent.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { ReportedFailure } from '../errors/reported-failure.ts';
import { readLog } from '../log/read-log.ts';
import { type Colour, paintFor } from '../terminal/colour.ts';
import { print, printJson } from '../terminal/print.ts';
import { writeBundle } from './bundle.ts';

export interface DoctorFlags extends AgentFlags {
  healthCheck?: boolean;
  p2p?: boolean;
  mcc?: boolean;
  generateSupportBundle?: string | true;
}

const errorLevel = 50;
const logDays = 15;
const colours: Partial<Record<DoctorCheck['Result'], Colour>> = {
  Pass: 'green',
  Fail: 'red',
  Warn: 'yellow',
};

/** `sluice doctor`: the DO Troubleshooter. Ends with 1 when a check fails. @throws Disk errors of the bundle. */
export async function doctor(flags: DoctorFlags): Promise<void> {
  const dataDir = agentDataDir(flags);
  const { connectLocalApi } = await import('@sluice/agent/local-api');
  await using client = await connectLocalApi(dataDir);
  const report = await examine(client, dataDir);
  const Checks = report.Checks.filter(({ Group }) => isWanted(Group, flags));
  const bundle =
    flags.generateSupportBundle === undefined
      ? undefined
      : await writeBundle(flags.generateSupportBundle, dataDir, client, report);
  if (flags.json) {
    printJson({ Checks, Settings: report.Settings, ...(bundle && { SupportBundle: bundle }) });
  } else {
    const paint = paintFor(process.stdout);
    for (const check of Checks) print(textOf(check, paint));
    if (isWanted('P2P', flags)) {
      for (const [name, value] of Object.entries(report.Settings))
        print(`  ${name} = ${value ?? ''}`);
    }
    if (bundle) print(`\nsupport bundle: ${bundle}`);
  }
  if (Checks.some(({ Result }) => Result === 'Fail')) {
    throw new ReportedFailure(exitCodes.Failed[0]);
  }
}

/** Without an agent little can be told, but that. */
async function examine(client: LocalApiClient | undefined, dataDir: string): Promise<DoctorReport> {
  const report = client ? await client.admin.examine() : await withoutAgent(dataDir);
  return { ...report, Checks: [...report.Checks, await logCheck(dataDir)] };
}

async function withoutAgent(dataDir: string): Promise<DoctorReport> {
  const isThere = await access(dataDir).then(
    () => true,
    () => false,
  );
  const common = { Group: 'HealthCheck' as const };
  const Remedy = `Start it with \`sluice agent --data-dir ${dataDir}\`.`;
  const service = { Name: 'Service', Result: 'Fail' as const, Detail: 'no agent runs', Remedy };
  const folder: Omit<DoctorCheck, 'Group'> = isThere
    ? { Name: 'Cache folder', Result: 'Pass', Detail: dataDir, Remedy: '' }
    : {
        Name: 'Cache folder',
        Result: 'Unset',
        Detail: `${dataDir} does not exist yet`,
        Remedy: '',
      };
  return {
    Checks: [
      { ...common, ...service },
      { ...common, ...folder },
    ],
    Settings: {},
  };
}

/** Error lines of the last days. */
async function logCheck(dataDir: string): Promise<DoctorCheck> {
  const since = Date.now() - logDays * 86_400_000;
  let count = 0;
  let last = '';
  for await (const { level, time, msg } of readLog(dataDir)) {
    if (level < errorLevel || time < since) continue;
    count++;
    last = msg;
  }
  const common = { Group: 'P2P' as const, Name: 'Error log' };
  if (count === 0) {
    return { ...common, Result: 'Pass', Detail: `no errors in ${logDays} days`, Remedy: '' };
  }
  const Detail = `${count} errors in ${logDays} days, the last one: ${last}`;
  return { ...common, Result: 'Warn', Detail, Remedy: 'See `sluice log --level error`.' };
}

/** All groups when none is asked for. */
function isWanted(group: DoctorCheck['Group'], { healthCheck, p2p, mcc }: DoctorFlags): boolean {
  if (!healthCheck && !p2p && !mcc) return true;
  return Boolean({ HealthCheck: healthCheck, P2P: p2p, MCC: mcc }[group]);
}

function textOf(
  { Name, Result, Detail, Remedy }: DoctorCheck,
  paint: ReturnType<typeof paintFor>,
): string {
  const colour = colours[Result];
  const word = Result.padEnd(8);
  const remedy = Remedy ? `\n           ${Remedy}` : '';
  return `${colour ? paint(colour, word) : word} ${Name}: ${Detail}${remedy}`;
}
