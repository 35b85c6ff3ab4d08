import { createHash } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import type { LabFile } from '../measure/lab-file.ts';
import { bencode } from './bencode.ts';

/** What torrents of files of this size usually have. */
const pieceBytes = 256 * 1024;

/**
 * Writes a torrent of the file to `path` (BEP 3).
 * @param webSeed URL of the file, put into it as a web seed (BEP 19).
 */
export async function makeTorrent(path: string, file: LabFile, webSeed?: string): Promise<void> {
  const info = {
    name: file.name,
    length: file.size,
    'piece length': pieceBytes,
    pieces: await pieceHashes(file.path),
  };
  await writeFile(path, bencode({ info, ...(webSeed && { 'url-list': [webSeed] }) }));
}

async function pieceHashes(path: string): Promise<Buffer> {
  await using file = await open(path);
  const hashes: Buffer[] = [];
  const piece = Buffer.alloc(pieceBytes);
  for (;;) {
    const { bytesRead } = await file.read(piece, 0, pieceBytes, null);
    if (bytesRead === 0) return Buffer.concat(hashes);
    hashes.push(createHash('sha1').update(piece.subarray(0, bytesRead)).digest());
  }
}
