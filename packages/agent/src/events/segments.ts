import { readdir, readFile, stat } from 'node:fs/promises';
import { type SegmentName, segmentsAmong } from './segment-name.ts';

/** Bytes of one segment at the most. */
export const maxSegmentBytes = 128 << 10;
/** More than that is no segment of ours. */
const maxReadBytes = 2 * maxSegmentBytes;

/** The segments in a folder, the oldest first; none when there is no folder. @throws system errors */
export async function segmentsIn(folder: string): Promise<SegmentName[]> {
  return segmentsAmong((await readdir(folder).catch(ifMissing)) ?? []);
}

/** The events of a segment, JSON each, as far as they are whole. @throws system errors */
export async function readSegment(path: string): Promise<string[]> {
  if ((await sizeOf(path)) > maxReadBytes) return [];
  const text = await readFile(path, 'utf8').catch(ifMissing);
  return (text ?? '').split('\n').filter(isEvent);
}

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(ifMissing))?.size ?? 0;
}

/** A line that was cut off, or that somebody else wrote, is none. */
function isEvent(line: string): boolean {
  try {
    const event = JSON.parse(line);
    return typeof event?.EventId === 'string' && typeof event.Name === 'string';
  } catch {
    return false;
  }
}

/** Another process may have sent it, and removed it. */
function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
