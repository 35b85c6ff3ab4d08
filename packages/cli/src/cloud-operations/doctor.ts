import path from 'node:path';
import type { CloudFinding } from '@sluice/cloud';
import { exitCodes } from '../errors/exit-codes.ts';
import { ReportedFailure } from '../errors/reported-failure.ts';
import type { DatabaseFlags } from '../options/cloud-stores.ts';
import { type CloudIdentityFlags, cloudIdentityOf } from '../options/cloud-tls.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { type Colour, paintFor } from '../terminal/colour.ts';
import { print, printJson } from '../terminal/print.ts';

export interface CloudDoctorFlags extends DatabaseFlags, Omit<CloudIdentityFlags, 'enrolment'> {
  listen: { host: string; port: number };
  adminTokenFile?: string;
  swarmStore?: string;
  trustedProxy?: string[];
  json?: boolean;
}

const colours: Record<CloudFinding['Result'], Colour> = {
  Ok: 'green',
  Warn: 'yellow',
  Fail: 'red',
};

/** `sluice cloud doctor`. Ends with 1 when a check fails. @throws InvalidArgument */
export async function cloudDoctor(flags: CloudDoctorFlags): Promise<void> {
  const { examineCloud } = await import('@sluice/cloud');
  const { listen, adminTokenFile, database, swarmStore, trustedProxy = [] } = flags;
  const Checks = await examineCloud({
    dataDir: path.resolve(flags.dataDir ?? defaultDataDir('cloud')),
    ...{ listen, adminTokenFile, database, swarmStore, trustedProxies: trustedProxy },
    tls: cloudIdentityOf({ ...flags, enrolment: 'off' }).tls,
  });
  if (flags.json) printJson({ Checks });
  else for (const finding of Checks) print(textOf(finding));
  if (Checks.some(({ Result }) => Result === 'Fail')) {
    throw new ReportedFailure(exitCodes.Failed[0]);
  }
}

function textOf({ Name, Result, Detail, Remedy }: CloudFinding): string {
  const word = paintFor(process.stdout)(colours[Result], Result.toLowerCase().padEnd(5));
  return `${word} ${Name}: ${Detail}${Remedy && `\n        ${Remedy}`}`;
}
