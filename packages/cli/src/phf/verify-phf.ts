import { type PiecesHashFile, verifyPiecesHashFile } from '@sluice/protocol';
import { exitCodes } from '../errors/exit-codes.ts';
import { ReportedFailure } from '../errors/reported-failure.ts';
import { statIfThere } from '../files/existing-file.ts';
import { listenForStop } from '../process/stop-signal.ts';
import { withHashingProgress } from '../terminal/hashing-progress.ts';
import { print, printJson } from '../terminal/print.ts';
import { badRanges } from './bad-ranges.ts';
import { readPhf } from './read-phf.ts';

export interface VerifyPhfOptions {
  hashOfHashes?: string;
  json?: boolean;
  quiet?: boolean;
}

interface Verdict {
  ok: boolean;
  /** Of the file, bytes. */
  length: number;
  badPieces: number[];
}

/** More lines than this say no more to a person; --json has them all. */
const maxLines = 20;

/** `sluice phf verify`. @throws ReportedFailure with the exit code of Integrity when they differ. */
export async function verifyPhf(
  file: string,
  phfFile: string,
  options: VerifyPhfOptions,
): Promise<void> {
  using stop = listenForStop();
  const phf = await readPhf(phfFile);
  verifyPiecesHashFile(phf, options.hashOfHashes ?? phf.hashOfHashes);
  const { ok, badPieces } = await compare(file, phf, options, stop.signal);
  const length = (await statIfThere(file))?.size ?? 0;
  const verdict = { ok, badPieces, length };
  if (options.json) printJson(asJson(phf, verdict));
  else if (!ok) for (const line of complaints(phf, verdict)) print(`${file}: ${line}`);
  else if (!options.quiet) print(`${file}: all pieces are right`);
  if (!ok) throw new ReportedFailure(exitCodes.Integrity[0]);
}

async function compare(
  file: string,
  phf: PiecesHashFile,
  { json, quiet }: VerifyPhfOptions,
  signal: AbortSignal,
): Promise<{ ok: boolean; badPieces: number[] }> {
  const { verifyFileAgainst } = await import('@sluice/agent');
  return withHashingProgress({ wanted: !json && !quiet }, (onProgress) =>
    verifyFileAgainst(file, phf, { onProgress, signal }),
  );
}

function asJson(phf: PiecesHashFile, { ok, badPieces, length }: Verdict): object {
  return {
    Ok: ok,
    ContentLength: phf.contentLength,
    FileLength: length,
    BadPieces: badPieces,
    BadRanges: badRanges(phf, badPieces).map(({ start, end }) => ({ Start: start, End: end })),
  };
}

function complaints(phf: PiecesHashFile, { badPieces, length }: Verdict): string[] {
  const lines = badRanges(phf, badPieces).map((range) => range.text);
  const shown = lines.slice(0, maxLines);
  if (lines.length > maxLines) shown.push(`and ${lines.length - maxLines} more ranges`);
  if (length === phf.contentLength) return shown;
  return [`${length} bytes long, should be ${phf.contentLength}`, ...shown];
}
