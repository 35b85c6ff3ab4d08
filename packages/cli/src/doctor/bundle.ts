import { readFile, writeFile } from 'node:fs/promises';
import { arch, hostname, networkInterfaces, release } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { LocalApiClient } from '@sluice/agent/local-api';
import { type DoctorReport, sluiceError } from '@sluice/protocol';
import { logFiles } from '../process/log-file.ts';
import { type TarFile, tar } from './tar.ts';
import { withoutSecrets } from './without-secrets.ts';

const proxyVariables = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'];

/**
 * Writes what a stranger needs to help: logs, status, snapshots, settings, network, the examination.
 * No keys, no tokens, no passwords; nothing of the contents.
 * @param target a folder or a file; `true`: here. @returns the path. @throws FileUnreadable, TargetUnwritable.
 */
export async function writeBundle(
  target: string | true,
  dataDir: string,
  client: LocalApiClient | undefined,
  report: DoctorReport,
): Promise<string> {
  const now = new Date();
  const stamp = now.toISOString().replace(/\..*/, '').replace(/[-:]/g, '').replace('T', '-');
  const name = `sluice-diag-${hostname()}-${stamp}`;
  const given = path.resolve(target === true ? '.' : target);
  const file = /\.t(ar\.)?gz$/.test(given) ? given : path.join(given, `${name}.tar.gz`);
  const texts = { ...(await logTexts(dataDir)), ...(await jsonTexts(client, report)) };
  const files = Object.entries(texts).map(
    ([each, text]): TarFile => ({ name: each, bytes: Buffer.from(withoutSecrets(text)) }),
  );
  const bytes = await promisify(gzip)(tar(files, now.getTime()));
  await writeFile(file, bytes, { mode: 0o600 }).catch((error: Error) => {
    throw sluiceError('TargetUnwritable', { path: file, detail: error.message }, { cause: error });
  });
  return file;
}

async function logTexts(dataDir: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const file of logFiles(dataDir)) {
    try {
      texts[`logs/${path.basename(file)}`] = await readFile(file, 'utf8');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') continue;
      throw sluiceError('FileUnreadable', { path: file, detail: message }, { cause: error });
    }
  }
  return texts;
}

async function jsonTexts(
  client: LocalApiClient | undefined,
  report: DoctorReport,
): Promise<Record<string, string>> {
  const { Checks, Settings } = report;
  const system = {
    Platform: process.platform,
    Release: release(),
    Arch: arch(),
    Node: process.version,
  };
  const isProxy = ([name]: [string, unknown]) => proxyVariables.includes(name.toLowerCase());
  const values: Record<string, unknown> = {
    'doctor.json': Checks,
    'config.json': Settings,
    'system.json': system,
    'network.json': networkInterfaces(),
    'proxy.json': Object.fromEntries(Object.entries(process.env).filter(isProxy)),
    ...(client && {
      'status.json': await client.status(),
      'perfsnap.json': await client.admin.perfSnap(),
      'month.json': await client.admin.monthSnap(),
      'peers.json': await client.admin.peers(50),
      'cache.json': await client.admin.cacheFiles(),
    }),
  };
  const texts = Object.entries(values).map(([name, v]) => [
    name,
    `${JSON.stringify(v, null, 2)}\n`,
  ]);
  return Object.fromEntries(texts);
}
