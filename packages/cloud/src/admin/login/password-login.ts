import { sluiceError } from '@sluice/protocol';
import type { UserRow } from '../users/admin-users.ts';
import { isName } from '../users/names.ts';
import type { AdminStores } from '../users/open-admin.ts';
import type { Passwords } from './passwords.ts';

/** What came of an attempt: `user` is who was meant, as far as there is such a user. */
export type LoginOutcome =
  | { user: UserRow; key: string }
  | { user: UserRow | undefined; failed: true };

/**
 * Begins a session for who knows the password. Nothing, neither the answer nor its time, tells a wrong name
 * from a wrong password or a disabled user.
 * @throws TooManyLogins
 */
export async function passwordLogin(
  { users, sessions, attempts }: AdminStores,
  passwords: Passwords,
  { name, password, ip }: { name: string; password: string; ip: string },
): Promise<LoginOutcome> {
  await attempts.take(ip, name);
  const user = isName(name) ? await users.byName(name) : undefined;
  const right = await passwords.matches(password, user?.password);
  if (!right || user?.enabled !== 1) return { user, failed: true };
  const key = await sessions.begin(user);
  // Somebody may have changed the password, and ended all sessions, just before this one began.
  const begun = await sessions.find(key);
  if (begun?.user.password !== user.password) {
    if (begun) await sessions.end(begun.digest);
    return { user, failed: true };
  }
  await attempts.succeeded(ip, name);
  await users.loggedIn(user);
  return { user, key };
}

/** For who changes its own password. @throws TooManyLogins, LoginFailed */
export async function confirmPassword(
  { attempts }: AdminStores,
  passwords: Passwords,
  { user, password, ip }: { user: UserRow; password: string; ip: string },
): Promise<void> {
  await attempts.take(ip, user.name);
  if (!(await passwords.matches(password, user.password))) throw sluiceError('LoginFailed');
  await attempts.succeeded(ip, user.name);
}
