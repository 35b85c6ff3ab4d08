import path from 'node:path';
import {
  contentIdOf,
  formatPiecesHashFile,
  type PiecesHashFile,
  pieceCount,
  sluiceError,
} from '@sluice/protocol';
import { openAtomically } from '../files/atomic-file.ts';
import { replaceablePath, statIfThere } from '../files/existing-file.ts';
import { listenForStop } from '../process/stop-signal.ts';
import { withHashingProgress } from '../terminal/hashing-progress.ts';
import { print, printJson } from '../terminal/print.ts';

export interface CreatePhfOptions {
  output?: string;
  /** Bytes. */
  pieceSize?: number;
  json?: boolean;
  quiet?: boolean;
}

/** `sluice phf create`. */
export async function createPhf(file: string, options: CreatePhfOptions): Promise<void> {
  using stop = listenForStop();
  const { output = `${path.resolve(file)}.phf`, json, quiet } = options;
  if (output !== '-') {
    const target = await phfTarget(file, output);
    await using written = await openAtomically(target);
    const phf = await hash(file, options, stop.signal);
    await written.commit(formatPiecesHashFile(phf));
    if (json) printJson({ Output: target, ...facts(phf) });
    else if (!quiet) print(identity(phf));
    return;
  }
  if (json) {
    throw sluiceError('InvalidArgument', { name: '--json', detail: 'not together with -o -' });
  }
  const phf = await hash(file, options, stop.signal);
  print(formatPiecesHashFile(phf).trimEnd());
  if (!quiet) process.stderr.write(`${identity(phf)}\n`);
}

async function hash(
  file: string,
  { pieceSize, json, quiet }: CreatePhfOptions,
  signal: AbortSignal,
): Promise<PiecesHashFile> {
  const { createPiecesHashFile } = await import('@sluice/agent');
  return withHashingProgress({ wanted: !json && !quiet }, (onProgress) =>
    createPiecesHashFile(file, { pieceSize, onProgress, signal }),
  );
}

async function phfTarget(file: string, output: string): Promise<string> {
  const target = await replaceablePath(path.resolve(output), '-o');
  const [input, there] = await Promise.all([statIfThere(file), statIfThere(target)]);
  if (input && there && input.ino === there.ino && input.dev === there.dev) {
    throw sluiceError('InvalidArgument', { name: '-o', detail: `${output} is the file to hash` });
  }
  return target;
}

function facts(phf: PiecesHashFile): object {
  return {
    HashOfHashes: phf.hashOfHashes,
    ContentId: contentIdOf(phf.hashOfHashes),
    ContentLength: phf.contentLength,
    PieceSize: phf.pieceSize,
    Pieces: pieceCount(phf),
  };
}

function identity({ hashOfHashes }: PiecesHashFile): string {
  return `HashOfHashes  ${hashOfHashes}\nContentId     ${contentIdOf(hashOfHashes)}`;
}
