import { printable } from '../cloud-access/as-admin.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { formatBytes } from '../terminal/format.ts';
import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import type { FoundFiles } from './files-to-publish.ts';
import type { PublishedFile } from './publish-files.ts';

const words = { Published: 'published', Already: 'already', Failed: 'failed', NotDone: 'not done' };

/** Prints what became of each file; why some failed goes to standard error. */
export function showPublished(
  results: readonly PublishedFile[],
  passedOver: FoundFiles['passedOver'],
  { json, quiet }: { json?: boolean | undefined; quiet?: boolean | undefined },
): void {
  const say = (line: string) => process.stderr.write(`sluice: ${line}\n`);
  for (const { path, url, outcome } of results) {
    if (outcome.status === 'Failed') {
      say(`${printable(path)}: ${outcome.error.Message}\n  ${outcome.error.Remedy}`);
    } else if ('movedFrom' in outcome && !json) {
      say(`note: ${url} was that of ${outcome.movedFrom} until now`);
    }
  }
  if (json) printJson(jsonOf(results, passedOver));
  else if (!quiet) {
    print(tableOf(results));
    print(`\n${sumOf(results, passedOver)}`);
  }
}

/** That of the worst: ended by the user, else the highest. */
export function exitCodeOf(results: readonly PublishedFile[]): number {
  return Math.max(
    exitCodes.Ok[0],
    ...results.map(({ outcome }) => {
      if (outcome.status === 'NotDone') return exitCodes.Cancelled[0];
      return outcome.status === 'Failed' ? outcome.error.ExitCode : exitCodes.Ok[0];
    }),
  );
}

function tableOf(results: readonly PublishedFile[]): string {
  const rows = results.map(({ path, size, outcome }) => [
    ...[printable(path), formatBytes(size), words[outcome.status]],
    'contentId' in outcome ? outcome.contentId : '',
  ]);
  return formatTable([['FILE', 'SIZE', 'STATE', 'CONTENT ID'], ...rows]);
}

function sumOf(results: readonly PublishedFile[], passedOver: FoundFiles['passedOver']): string {
  const sums = Object.entries(words).map(([status, word]) => {
    const n = results.filter(({ outcome }) => outcome.status === status).length;
    return [n, word] as const;
  });
  const { hidden, links, others } = passedOver;
  const all = [
    ...sums,
    [hidden, 'hidden: passed over'],
    [links, 'symbolic links: passed over'],
    [others, 'neither files nor folders: passed over'],
  ] as const;
  return all.flatMap(([n, word]) => (n > 0 ? [`${n} ${word}`] : [])).join(', ');
}

function jsonOf(results: readonly PublishedFile[], passedOver: FoundFiles['passedOver']): object {
  return {
    Files: results.map(({ path, url, size, outcome }) => ({
      File: path,
      Url: url,
      Status: outcome.status,
      ...('contentId' in outcome && {
        ContentId: outcome.contentId,
        HashOfHashes: outcome.hashOfHashes,
        ContentLength: size,
        ...(outcome.movedFrom !== undefined && { MovedFrom: outcome.movedFrom }),
      }),
      ...(outcome.status === 'Failed' && { Error: outcome.error }),
    })),
    PassedOver: { Hidden: passedOver.hidden, Links: passedOver.links, Others: passedOver.others },
  };
}
