import { readFileSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bits of a mode, for one of its three classes. */
const search = 1;
const write = 2;

/**
 * Whether a user may make files in a folder, by owner, groups and modes of it and of those above it.
 * What access lists grant beyond that does not count.
 * @param folder its real path.
 * @param stats of the folder as it is held open.
 */
export function mayMakeFilesIn(folder: string, stats: Stats, uid: number): boolean {
  const groups = groupsOf(uid);
  if (!grants(stats, uid, groups, write | search)) return false;
  for (let above = dirname(folder), at = folder; above !== at; at = above, above = dirname(at)) {
    if (!grants(statSync(above), uid, groups, search)) return false;
  }
  return true;
}

function grants(
  { mode, uid: owner, gid }: Pick<Stats, 'mode' | 'uid' | 'gid'>,
  uid: number,
  groups: ReadonlySet<number>,
  wanted: number,
): boolean {
  const shift = owner === uid ? 6 : groups.has(gid) ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}

/** The groups of a user that this device itself knows. */
function groupsOf(uid: number): Set<number> {
  const groups = new Set<number>();
  let name: string | undefined;
  for (const [user, , id, gid] of lines('/etc/passwd')) {
    if (Number(id) !== uid) continue;
    name ??= user;
    groups.add(Number(gid));
  }
  for (const [, , gid, members = ''] of lines('/etc/group')) {
    if (name !== undefined && members.split(',').includes(name)) groups.add(Number(gid));
  }
  return groups;
}

function lines(path: string): string[][] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line) => line.split(':'));
  } catch {
    // Without it no group is known, and none grants anything.
    return [];
  }
}
