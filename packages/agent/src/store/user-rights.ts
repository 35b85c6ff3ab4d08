import { type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { localGroups, systemGroups } from './user-groups.ts';

/** Bits of a mode, for one of its three classes. */
const search = 1;
const write = 2;

type AskGroups = (uid: number) => ReadonlySet<number>;
type Rights = Pick<Stats, 'mode' | 'uid' | 'gid'>;

/**
 * Whether a user may make files in a folder, by owner, groups and modes of it and of those above it.
 * Access lists are not read: what they grant to single users and groups does not count, and where there is
 * one its mask is taken for what the folder's group may. Nor is it known what groups one process of the
 * user was given besides the user's own.
 * @param folder its real path.
 * @param stats of the folder as it is held open.
 * @param ask the system, of the groups of a user.
 */
export function mayMakeFilesIn(
  folder: string,
  stats: Rights,
  uid: number,
  ask: AskGroups = systemGroups,
): boolean {
  const groups = new GroupsOf(uid, ask);
  if (!grants(stats, uid, groups, write | search)) return false;
  for (let above = dirname(folder), at = folder; above !== at; at = above, above = dirname(at)) {
    if (!grants(statSync(above), uid, groups, search)) return false;
  }
  return true;
}

/** Asks the system when the answer changes something only: mostly the local files say enough. */
class GroupsOf {
  readonly #uid: number;
  readonly #ask: AskGroups;
  #local: ReadonlySet<number> | undefined;

  constructor(uid: number, ask: AskGroups) {
    this.#uid = uid;
    this.#ask = ask;
  }

  has(gid: number): boolean {
    this.#local ??= localGroups(this.#uid);
    return this.#local.has(gid) || this.#ask(this.#uid).has(gid);
  }
}

function grants({ mode, uid: owner, gid }: Rights, uid: number, groups: GroupsOf, wanted: number) {
  const allows = (shift: number) => ((mode >> shift) & wanted) === wanted;
  if (owner === uid) return allows(6);
  // Whose group it is has the group's rights, more or less than those of all.
  if (allows(3) === allows(0)) return allows(0);
  return allows(groups.has(gid) ? 3 : 0);
}
