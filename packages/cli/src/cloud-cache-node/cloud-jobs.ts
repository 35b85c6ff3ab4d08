import type { PreheatJobView } from '@sluice/protocol';
import type { CloudFlags } from '../cloud-access/as-admin.ts';
import { formatBytes } from '../terminal/format.ts';
import { print, printJson } from '../terminal/print.ts';
import { asAdmin } from './cloud-cache-node.ts';

export async function addJob(
  name: string,
  urls: string[],
  flags: CloudFlags & { rate?: number; at?: string; every?: number },
): Promise<void> {
  const { rate, at, every } = flags;
  const order = {
    Urls: urls,
    ...(rate !== undefined && { Rate: rate }),
    ...(at !== undefined && { At: at }),
    ...(every !== undefined && { EverySeconds: every }),
  };
  const reply = await asAdmin(flags, 'POST', `/${name}/preheat`, order);
  if (flags.json) printJson(reply);
  else print((reply as { Id: string }).Id);
}

export async function listJobs(name: string, flags: CloudFlags): Promise<void> {
  const { Jobs } = (await asAdmin(flags, 'GET', `/${name}/preheat`)) as { Jobs: PreheatJobView[] };
  if (flags.json) {
    printJson(Jobs);
    return;
  }
  if (Jobs.length === 0) print('no jobs');
  for (const { Id, State, NextRun, Runs, Urls, Results } of Jobs) {
    const next = NextRun === null ? '' : `, next at ${NextRun}`;
    print(`${Id}  ${State}, ${Urls.length} URLs, ${Runs} runs${next}`);
    for (const { State: state, Url, FetchedBytes, Error: error } of Results) {
      print(`  ${state}  ${Url}  ${error?.Message ?? formatBytes(FetchedBytes)}`);
    }
  }
}

export async function cancelJob(name: string, id: string, flags: CloudFlags): Promise<void> {
  await asAdmin(flags, 'DELETE', `/${name}/preheat/${encodeURIComponent(id)}`);
}
