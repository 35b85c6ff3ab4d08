import type { IngestView } from '@sluice/protocol';
import { type CloudFlags, withAdmin } from '../cloud-access/as-admin.ts';
import { formatBytes } from '../terminal/format.ts';
import { print, printJson } from '../terminal/print.ts';

const root = '/admin/ingest';

interface Page {
  Jobs: IngestView[];
  Next: string | null;
}

/** `sluice cloud ingest list`. */
export async function listIngest(flags: CloudFlags & { state?: string }): Promise<void> {
  const jobs = await withAdmin(flags, async (ask) => {
    const found: IngestView[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const query = new URLSearchParams({
        limit: '500',
        ...(after && { after }),
        ...(flags.state && { state: flags.state }),
      });
      const page = (await ask('GET', `${root}?${query}`)) as Page;
      found.push(...page.Jobs);
      after = page.Next;
    }
    return found;
  });
  if (flags.json) {
    printJson(jobs);
    return;
  }
  if (jobs.length === 0) print('no jobs');
  for (const { Id, State, Url, ContentLength, NextAt, Error: error } of jobs) {
    const size = ContentLength === null ? '' : `  ${formatBytes(ContentLength)}`;
    const next = NextAt === null ? '' : `  not before ${NextAt}`;
    print(`${Id}  ${State}  ${Url}${size}${next}${error === null ? '' : `\n  ${error}`}`);
  }
}

export async function addIngest(urls: string[], flags: CloudFlags): Promise<void> {
  await withAdmin(flags, (ask) => ask('POST', root, { Urls: urls }));
}

export async function retryIngest(id: string, flags: CloudFlags): Promise<void> {
  await withAdmin(flags, (ask) => ask('POST', `${root}/${encodeURIComponent(id)}/retry`, {}));
}

export async function removeIngest(id: string, flags: CloudFlags): Promise<void> {
  await withAdmin(flags, (ask) => ask('DELETE', `${root}/${encodeURIComponent(id)}`));
}
