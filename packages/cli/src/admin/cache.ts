import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { CacheFile } from '@sluice/protocol';
import { exitCodes } from '../errors/exit-codes.ts';
import { ReportedFailure } from '../errors/reported-failure.ts';
import { formatBytes } from '../terminal/format.ts';
import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { type AgentFlags, withAgent } from './with-agent.ts';

const askMs = 500;

export async function listCache(flags: AgentFlags): Promise<void> {
  await withAgent(flags, async ({ admin }) => show(await admin.cacheFiles(), flags, 'no files'));
}

export async function pinFile(id: string, isPinned: boolean, flags: AgentFlags): Promise<void> {
  await withAgent(flags, async ({ admin }) =>
    show(await admin.pin({ FileId: id, IsPinned: isPinned }), flags, ''),
  );
}

export async function expireFiles(
  id: string | undefined,
  flags: AgentFlags & { on: Date },
): Promise<void> {
  const order = { ExpireOn: flags.on.toISOString(), ...(id !== undefined && { FileId: id }) };
  await withAgent(flags, async ({ admin }) => show(await admin.expire(order), flags, 'no files'));
}

/** Asks before it deletes, unless `force` or there is nobody to ask. */
export async function deleteFiles(
  id: string | undefined,
  flags: AgentFlags & { includePinned?: boolean; force?: boolean },
): Promise<void> {
  const { includePinned = false, force } = flags;
  const what = id === undefined ? `all files${includePinned ? ', pinned ones too,' : ''}` : id;
  if (!force && process.stdin.isTTY && !(await agrees(`Delete ${what} from the cache?`))) {
    throw new ReportedFailure(exitCodes.Failed[0]);
  }
  const order = { IncludePinned: includePinned, ...(id !== undefined && { FileId: id }) };
  await withAgent(flags, async ({ admin }) =>
    show(await admin.delete(order), flags, 'nothing to delete'),
  );
}

/** Ends with 5 when files were corrupt. */
export async function verifyCache(flags: AgentFlags): Promise<void> {
  const check = await withAgent(flags, async ({ admin }) => {
    await admin.startVerify();
    for (;;) {
      const done = await admin.verified();
      if (done) return done;
      await delay(askMs);
    }
  });
  if (flags.json) printJson(check);
  else {
    for (const { FileId, SourceURL, Pieces, Refetched } of check.Corrupt) {
      const next = Refetched ? 'fetched again' : 'dropped';
      print(`corrupt: ${SourceURL} (${FileId}), ${Pieces.length} pieces: ${next}`);
    }
    const { Files, Bytes, Corrupt, Skipped } = check;
    print(
      `${Files} files, ${formatBytes(Bytes)} read; ${Corrupt.length} corrupt; ${Skipped} not checked`,
    );
  }
  if (check.Corrupt.length > 0) throw new ReportedFailure(exitCodes.Integrity[0]);
}

function show(files: CacheFile[], flags: AgentFlags, none: string): void {
  if (flags.json) printJson(files);
  else print(files.length === 0 ? none : cacheTable(files));
}

function cacheTable(files: readonly CacheFile[]): string {
  const head = ['FileId', 'Status', 'Size', 'Here', 'Pinned', 'ExpireOn', 'SourceURL'];
  const rows = files.map((f) => [
    f.FileId,
    f.Status,
    formatBytes(f.FileSize),
    formatBytes(f.FileSizeInCache),
    f.IsPinned ? 'yes' : 'no',
    f.ExpireOn ?? '-',
    f.SourceURL,
  ]);
  return formatTable([head, ...rows]);
}

async function agrees(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
