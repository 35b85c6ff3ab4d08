import path from 'node:path';
import type { TableSteps } from '@sluice/cloud';
import { exitCodes } from '../errors/exit-codes.ts';
import { ReportedFailure } from '../errors/reported-failure.ts';
import type { DatabaseFlags } from '../options/cloud-stores.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { print, printJson } from '../terminal/print.ts';

export interface MigrateFlags extends DatabaseFlags {
  check?: boolean;
  json?: boolean;
}

/** `sluice cloud migrate`. With --check it ends with 1 when a cloud of this version could not use the tables as they are. */
export async function migrateCloud(flags: MigrateFlags): Promise<void> {
  const { migrate } = await import('@sluice/cloud');
  const dataDir = path.resolve(flags.dataDir ?? defaultDataDir('cloud'));
  const check = flags.check ?? false;
  const before = await migrate({ dataDir, database: flags.database, check });
  if (flags.json) printJson({ Tables: before.map(asJson), Changed: !check && before.some(isOld) });
  else for (const steps of before) print(textOf(steps, check));
  const wrong = before.some((steps) => isOld(steps) || steps.unknown.length > 0);
  if (check && wrong) throw new ReportedFailure(exitCodes.Failed[0]);
}

function isOld({ missing }: TableSteps): boolean {
  return missing.length > 0;
}

/** As the tables were before. */
function asJson({ name, done, missing, unknown }: TableSteps) {
  return { Name: name, Done: done, Missing: missing, Unknown: unknown };
}

function textOf({ name, missing, unknown }: TableSteps, check: boolean): string {
  if (unknown.length > 0) return `${name}: of a newer Sluice (${unknown.join(', ')})`;
  if (missing.length === 0) return `${name}: up to date`;
  return `${name}: ${check ? 'missing' : 'made'} ${missing.join(', ')}`;
}
