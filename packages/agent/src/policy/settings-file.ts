import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sluiceError } from '@sluice/protocol';
import type { PolicyLayer } from '@sluice/protocol/policy';
import { diskError } from '../store/disk-error.ts';
import { writeAtomically } from '../store/write-atomically.ts';
import { readJsonObject } from './read-bounded.ts';

/** Whose settings are kept in the file: set here, or imported. */
export const storedProviders = ['GroupPolicy', 'Mdm', 'Admin'] as const;
export type StoredProvider = (typeof storedProviders)[number];

/** A change of what one provider says. */
export interface SettingsChange {
  provider: StoredProvider;
  /** By setting name; null takes one away. */
  values: Readonly<Record<string, unknown>>;
  /** Whether it replaces all that the provider said. */
  isWhole: boolean;
}

/** What is kept in the file, each provider's a layer. A damaged file is a fault of all. */
export async function readStored(path: string): Promise<PolicyLayer[]> {
  try {
    const json = (await readJsonObject(path)) ?? {};
    return storedProviders.map((provider) => ({
      provider,
      origin: path,
      values: objectOf(json[provider]),
    }));
  } catch (error) {
    return [{ provider: 'Admin', origin: path, values: {}, fault: (error as Error).message }];
  }
}

/**
 * Carries out a change. One at a time: the caller sees to that.
 * @throws NotOwner, DiskUnwritable, DiskFull, DiskFailed; a damaged file is replaced.
 */
export async function changeStored(path: string, change: SettingsChange): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await checkOwner(dirname(path));
    const json = (await readJsonObject(path).catch(ifDamaged)) ?? {};
    const before = change.isWhole ? {} : objectOf(json[change.provider]);
    const after = Object.entries({ ...before, ...change.values }).filter(([, v]) => v !== null);
    json[change.provider] = Object.fromEntries(after);
    await writeAtomically(path, `${JSON.stringify(json, undefined, 2)}\n`);
  } catch (error) {
    throw diskError(error, path);
  }
}

function ifDamaged(error: unknown): undefined {
  if (error instanceof SyntaxError) return undefined;
  throw error;
}

/** What another user writes here, the agent could not read; and it is not theirs to decide. */
async function checkOwner(dataDir: string): Promise<void> {
  const { uid } = await stat(dataDir);
  const self = process.getuid?.();
  if (self === undefined || self === uid) return;
  throw sluiceError('NotOwner', { dataDir, owner: `user ${uid}` });
}

function objectOf(value: unknown): Record<string, unknown> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : {};
}
