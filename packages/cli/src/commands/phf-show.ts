import { Command } from 'commander';
import { exitCodes } from '../errors/exit-codes.ts';
import { ReportedFailure } from '../errors/reported-failure.ts';
import { jsonOption } from '../options/common.ts';
import { pathValue } from '../options/values.ts';
import { paintFor } from '../terminal/colour.ts';
import { formatBytes } from '../terminal/format.ts';
import { print, printJson } from '../terminal/print.ts';
import { examples } from './examples.ts';

export function phfShowCommand(): Command {
  return new Command('show')
    .description('show the fields of a PHF, and whether its HashOfHashes is right')
    .argument('<phf>', 'the pieces hash file', pathValue)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(['sluice phf show debian.iso.phf', 'exit code 1 when the HashOfHashes is wrong']),
    )
    .action(show);
}

async function show(file: string, { json = false }: { json?: boolean }): Promise<void> {
  const { computeHashOfHashes, contentIdOf, pieceCount } = await import('@sluice/protocol');
  const { readPhf } = await import('../phf/read-phf.ts');
  const phf = await readPhf(file);
  const computed = computeHashOfHashes(phf);
  const right = computed === phf.hashOfHashes;
  const fields = {
    MajorVersion: phf.majorVersion,
    MinorVersion: phf.minorVersion,
    HashOfHashes: phf.hashOfHashes,
    ContentLength: phf.contentLength,
    PieceSize: phf.pieceSize,
    Pieces: pieceCount(phf),
    ContentId: contentIdOf(phf.hashOfHashes),
    ComputedHashOfHashes: computed,
    HashOfHashesIsRight: right,
  };
  if (json) printJson(fields);
  else {
    const paint = paintFor(process.stdout);
    const verdict = right ? paint('green', 'right') : paint('red', `WRONG, it is ${computed}`);
    print(`Version        ${phf.majorVersion}.${phf.minorVersion}`);
    print(`ContentLength  ${phf.contentLength} (${formatBytes(phf.contentLength)})`);
    print(`PieceSize      ${phf.pieceSize} (${formatBytes(phf.pieceSize)})`);
    print(`Pieces         ${fields.Pieces}`);
    print(`HashOfHashes   ${phf.hashOfHashes} (${verdict})`);
    print(`ContentId      ${fields.ContentId}`);
  }
  if (!right) throw new ReportedFailure(exitCodes.Failed[0]);
}
