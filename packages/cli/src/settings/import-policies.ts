import { readFile, stat } from 'node:fs/promises';
import { sluiceError } from '@sluice/protocol';
import { parsePolicyFile, policyNameOf } from '@sluice/protocol/policy';
import { print, printJson } from '../terminal/print.ts';
import { openStore, type StoreOptions } from './open-store.ts';
import { nameOf, problemLines } from './settings-table.ts';

const maxBytes = 4 << 20;

/** `sluice policy import` @throws PolicyFileInvalid, NotOwner, Disk errors, ServiceRefused. */
export async function importPolicies(file: string, options: StoreOptions): Promise<void> {
  const { format, provider, isWhole, values } = parsePolicyFile(await bytesOf(file), file);
  await using store = await openStore(options);
  const view = await store.change({ provider, values, isWhole });
  const problems = view.Problems.filter((problem) => problem.Provider === provider);
  if (options.json) {
    printJson({ ...view, Problems: problems });
    return;
  }
  const wrong = new Set(problems.map((problem) => problem.Name));
  const names = Object.keys(values).flatMap((name) => policyNameOf(name) ?? []);
  const taken = names.filter((name) => !wrong.has(name)).length;
  print(`${taken} settings of ${nameOf(provider)} imported from ${format}`);
  for (const line of problemLines(problems)) print(line);
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    if ((await stat(file)).size > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
    return await readFile(file);
  } catch (cause) {
    throw sluiceError('PolicyFileInvalid', { file, detail: (cause as Error).message }, { cause });
  }
}
