import { readFileSync } from 'node:fs';
import { sluiceError } from '@sluice/protocol';

/** The user a service goes on as when it has opened what needs more rights. */
export interface ServiceUser {
  name: string;
  uid: number;
  gid: number;
}

/** @throws InvalidArgument when there is no such user. */
export function serviceUser(name: string, passwd = '/etc/passwd'): ServiceUser {
  for (const line of readFileSync(passwd, 'utf8').split('\n')) {
    const [user, , uid, gid] = line.split(':');
    if (user === name) return { name, uid: Number(uid), gid: Number(gid) };
  }
  const detail = `there is no user ${name}: make it (useradd --system ${name}), or name another`;
  throw sluiceError('InvalidArgument', { name: '--do-user', detail });
}

/** Gives up the rights of root for good. */
export function becomeUser({ name, uid, gid }: ServiceUser): void {
  // Node has it, its types do not.
  (process as { initgroups?: (user: string, group: number) => void }).initgroups?.(name, gid);
  process.setgid?.(gid);
  process.setuid?.(uid);
}
