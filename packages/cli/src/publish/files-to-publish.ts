import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { sluiceError } from '@sluice/protocol';

/** A file, and the URL at which its server has it. */
export interface FileToPublish {
  path: string;
  url: string;
  /** Bytes when it was found. */
  size: number;
  /** Why it, or the folder that it is, cannot be read. */
  fault?: Error;
}

export interface FoundFiles {
  /** By folder, in the order of their names. */
  files: FileToPublish[];
  /** In folders: what is not published, by kind. */
  passedOver: { hidden: number; links: number; others: number };
}

/**
 * The files that are named, and those in the folders that are. In folders hidden files and folders and symbolic
 * links are passed over: a server often does not show them, and a link may lead out of the folder.
 * @param urlBase without a slash at the end; behind it comes the path below the folder, or the file's name.
 * @throws InvalidArgument when there is none, or two would have one URL
 */
export async function filesToPublish(
  named: readonly string[],
  urlBase: string,
): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], passedOver: { hidden: 0, links: 0, others: 0 } };
  const add: Add = (file, segments, facts) => {
    found.files.push({ path: file, url: urlOf(urlBase, segments), ...facts });
  };
  for (const each of named) {
    const facts = await stat(each).catch((cause) => unreadable(each, cause));
    if (facts instanceof Error || !facts.isDirectory()) addFile(each, [nameOf(each)], facts, add);
    else await walk(each, [], found.passedOver, add);
  }
  if (found.files.length === 0) {
    throw sluiceError('InvalidArgument', {
      name: 'file',
      detail: `no file in ${named.join(', ')}`,
    });
  }
  refuseSameUrl(found.files);
  return found;
}

type Add = (file: string, segments: string[], facts: Pick<FileToPublish, 'size' | 'fault'>) => void;

async function walk(
  folder: string,
  segments: string[],
  passedOver: FoundFiles['passedOver'],
  add: Add,
): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) =>
    unreadable(folder, cause),
  );
  if (entries instanceof Error) return add(folder, segments, { size: 0, fault: entries });
  for (const entry of entries.sort(byName)) {
    const { name } = entry;
    const file = path.join(folder, name);
    if (name.startsWith('.')) passedOver.hidden++;
    else if (entry.isSymbolicLink()) passedOver.links++;
    else if (entry.isDirectory()) await walk(file, [...segments, name], passedOver, add);
    else if (!entry.isFile()) passedOver.others++;
    else {
      const facts = await stat(file).catch((cause) => unreadable(file, cause));
      addFile(file, [...segments, name], facts, add);
    }
  }
}

function addFile(file: string, segments: string[], facts: Stats | Error, add: Add): void {
  if (facts instanceof Error) add(file, segments, { size: 0, fault: facts });
  else if (facts.isFile()) add(file, segments, { size: facts.size });
  // To open a pipe would wait for its writer.
  else add(file, segments, { size: 0, fault: unreadable(file, 'neither a file nor a folder') });
}

function nameOf(file: string): string {
  return path.basename(path.resolve(file));
}

/** The same everywhere, whatever the language of the system. */
function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}

/**
 * A path is spelled as its users spell it: what may stand in a path as it is (RFC 3986 pchar), such as the + of
 * libstdc++6.deb, is not encoded, since the cloud takes another spelling for another URL.
 */
function urlOf(urlBase: string, segments: string[]): string {
  const encoded = segments.map((segment) =>
    encodeURIComponent(segment.toWellFormed()).replace(/%(?:24|26|2B|2C|3B|3D|3A|40)/g, (octet) =>
      decodeURIComponent(octet),
    ),
  );
  return new URL(`${urlBase}/${encoded.join('/')}`).href;
}

function refuseSameUrl(files: readonly FileToPublish[]): void {
  const byUrl = new Map<string, string>();
  for (const { path: file, url } of files) {
    const other = byUrl.get(url);
    if (other !== undefined) {
      const detail = `${other} and ${file} would both be ${url}`;
      throw sluiceError('InvalidArgument', { name: 'file', detail });
    }
    byUrl.set(url, file);
  }
}

function unreadable(file: string, cause: unknown): Error {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return sluiceError('FileUnreadable', { path: file, detail }, { cause });
}
