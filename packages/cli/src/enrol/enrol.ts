import path from 'node:path';
import { enrolDevice, rotateDeviceKey } from '@sluice/agent';
import { sluiceError } from '@sluice/protocol';
import { readBounded } from '../files/read-bounded.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { listenForStop } from '../process/stop-signal.ts';
import { print, printJson } from '../terminal/print.ts';

export interface EnrolFlags {
  tokenFile?: string;
  rotate?: boolean;
  dataDir?: string;
  json?: boolean;
}

const maxTokenBytes = 8_192;

/** @throws what `enrolDevice` and `rotateDeviceKey` throw; FileUnreadable, InvalidArgument */
export async function enrol(token: string | undefined, flags: EnrolFlags): Promise<void> {
  const dataDir = path.resolve(flags.dataDir ?? defaultDataDir('agent'));
  using stop = listenForStop();
  const { signal } = stop;
  const env = process.env;
  const { DeviceId, Tenant, CloudUrl } = flags.rotate
    ? await rotateDeviceKey({ dataDir, signal, env })
    : await enrolDevice({ dataDir, signal, env, token: await tokenOf(token, flags) });
  if (flags.json) printJson({ DeviceId, Tenant, CloudUrl });
  else if (flags.rotate) print(`device ${DeviceId} has another key`);
  else {
    print(`enrolled at ${CloudUrl} as device ${DeviceId}, tenant ${Tenant}`);
    process.stderr.write('An agent that runs takes it up when it is started again.\n');
  }
}

async function tokenOf(token: string | undefined, { tokenFile }: EnrolFlags): Promise<string> {
  if (token !== undefined && tokenFile === undefined) return token;
  if (token === undefined && tokenFile !== undefined) {
    return Buffer.from(await readBounded(tokenFile, maxTokenBytes)).toString('utf8');
  }
  throw sluiceError('InvalidArgument', {
    name: 'token',
    detail: 'give it, or --token-file, or --rotate',
  });
}
