import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** How long what the system said of a user is believed, ms. */
const keepMs = 5 * 60_000;
/** A directory server that does not answer holds up everything here meanwhile, ms. */
const patienceMs = 2_000;
const maxUsers = 1_000;

const known = new Map<number, { groups: ReadonlySet<number>; until: number }>();

/** The groups of a user that this device's own files name. */
export function localGroups(uid: number): Set<number> {
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

/**
 * The groups of a user as the system tells them: also those of a directory (LDAP, SSSD, winbind), which only
 * the C library finds, so `id` is asked. To be called when the local ones do not do: it waits for the answer.
 * None when the user is not known.
 */
export function systemGroups(uid: number, ask = askSystem, now = Date.now()): ReadonlySet<number> {
  const cached = known.get(uid);
  if (cached && cached.until > now) return cached.groups;
  const groups = parse(ask(uid));
  const [oldest] = known.keys();
  if (oldest !== undefined && known.size >= maxUsers) known.delete(oldest);
  known.delete(uid);
  known.set(uid, { groups, until: now + keepMs });
  return groups;
}

function parse(text: string): Set<number> {
  return new Set(text.split(/\s+/).flatMap((word) => (/^\d+$/.test(word) ? [Number(word)] : [])));
}

function askSystem(uid: number): string {
  try {
    return execFileSync('id', ['-G', String(uid)], {
      encoding: 'utf8',
      timeout: patienceMs,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    // Nobody it knows, or not in time: then no group grants anything.
    return '';
  }
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
