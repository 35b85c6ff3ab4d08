import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { sluiceError } from '@sluice/protocol';
import { replaceablePath, statIfThere, targetError } from '../files/existing-file.ts';
import { safeNameOf } from './safe-name.ts';

/**
 * Where `get` puts the file: `-o FILE`, `-o DIR/` (created when missing) or an existing folder with the
 * name from the URL inside, without -o that name in the current folder. A file that is there is
 * replaced when the new one is complete, as curl and wget -O do.
 * @returns an absolute path whose folder exists.
 * @throws InvalidArgument, TargetUnwritable
 */
export async function outputPath(url: string, output: string | undefined): Promise<string> {
  const chosen = await chooseFile(url, output);
  const folder = path.dirname(chosen);
  const there = await statIfThere(folder);
  if (!there?.isDirectory()) {
    const detail = there ? `${folder} is not a folder` : `there is no folder ${folder}`;
    throw sluiceError('TargetUnwritable', { path: chosen, detail });
  }
  return replaceablePath(chosen, '-o');
}

async function chooseFile(url: string, output: string | undefined): Promise<string> {
  if (output === undefined) return path.resolve(safeNameOf(url));
  if (output === '-') {
    throw sluiceError('InvalidArgument', {
      name: '-o -',
      detail: 'the file cannot go to standard output, its parts come in any order',
    });
  }
  const resolved = path.resolve(output);
  if (/[/\\]$/.test(output) && (output.endsWith('/') || path.sep === '\\')) {
    await mkdir(resolved, { recursive: true }).catch((error: unknown) => {
      throw targetError(error, resolved);
    });
    return path.join(resolved, safeNameOf(url));
  }
  const isFolder = (await statIfThere(resolved))?.isDirectory() === true;
  return isFolder ? path.join(resolved, safeNameOf(url)) : resolved;
}
