import { maxPhfBytes, type PiecesHashFile, parsePiecesHashFile } from '@sluice/protocol';
import { readBounded } from '../files/read-bounded.ts';

/** @throws FileUnreadable, PhfInvalid, PhfVersion, PhfTooLarge */
export async function readPhf(path: string): Promise<PiecesHashFile> {
  return parsePiecesHashFile(await readBounded(path, maxPhfBytes));
}
