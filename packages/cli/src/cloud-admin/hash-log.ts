import { firstBrokenStatement, type LoggedStatement, sluiceError } from '@sluice/protocol';
import { type CloudFlags, withAdmin } from '../cloud-access/as-admin.ts';
import { print, printJson } from '../terminal/print.ts';

interface Page {
  Entries: LoggedStatement[];
  Next: number | null;
}

/** What an earlier `--verify` printed: `SEQ:DIGEST`. */
export interface KnownHead {
  seq: number;
  digest: string;
}

export interface HashLogFlags extends CloudFlags {
  verify?: boolean;
  head?: KnownHead;
}

/** `sluice cloud log`. @throws HashLogBroken */
export async function hashLog(flags: HashLogFlags): Promise<void> {
  const { verify = false, head, json } = flags;
  let last: LoggedStatement | undefined;
  let headSeen = head === undefined || head.seq === 0;
  await withAdmin(flags, async (ask) => {
    for (let after: number | null = 0; after !== null; ) {
      const page = (await ask('GET', `/admin/hash-log?limit=1000&after=${after}`)) as Page;
      const broken = verify ? firstBrokenStatement(last, page.Entries) : undefined;
      if (broken) throw broke(`entry ${broken.Seq} does not follow from the one before`);
      const known = page.Entries.find((entry) => entry.Seq === head?.seq);
      if (known && known.Digest !== head?.digest) throw broke(`entry ${known.Seq} is another one`);
      headSeen ||= known !== undefined;
      last = page.Entries.at(-1) ?? last;
      if (!verify) for (const entry of page.Entries) show(entry, json);
      after = page.Next;
    }
  });
  if (!verify) return;
  if (!headSeen) throw broke(`it ends before entry ${head?.seq}`);
  const Head = last ? `${last.Seq}:${last.Digest}` : null;
  if (json) printJson({ Entries: last?.Seq ?? 0, Head });
  else print(Head === null ? 'the log is empty' : `${last?.Seq} entries, unbroken\nhead  ${Head}`);
}

function show(entry: LoggedStatement, json: boolean | undefined): void {
  if (json) {
    printJson(entry);
    return;
  }
  const { Seq, At, Origin, Url, Validator, HashOfHashes } = entry;
  print(
    `${Seq}  ${new Date(At).toISOString()}  ${Origin}  ${HashOfHashes}  ${Url}  ${Validator ?? '-'}`,
  );
}

function broke(detail: string): Error {
  return sluiceError('HashLogBroken', { detail });
}
