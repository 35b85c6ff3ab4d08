import { ApiError, ask, askJson } from '../api/client.ts';
import { type Role, type Session, signedOut, signIn } from './session.ts';

interface Me {
  User: string;
  Role: Role;
}

/** Whether the browser's cookie still holds. @returns false: somebody has to sign in */
export async function resume(): Promise<boolean> {
  try {
    const me = await askJson<Me>('/admin/me');
    signIn({ user: me.User, role: me.Role, token: undefined });
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

/** @throws ApiError, TypeError (the cloud is not reached) */
export async function signInWithPassword(user: string, password: string): Promise<void> {
  await ask('/admin/login', { method: 'POST', body: { User: user, Password: password } });
  await resume();
}

/** @throws ApiError, TypeError (the cloud is not reached) */
export async function signInWithToken(token: string): Promise<void> {
  signIn(await sessionOf(token));
}

async function sessionOf(token: string): Promise<Session> {
  try {
    const me = await askJson<Me>('/admin/me', { token });
    return { user: me.User, role: me.Role, token };
  } catch (error) {
    // A cloud without users: who has its token may do all.
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    await ask('/admin/content?limit=1', { token });
    return { user: 'admin token', role: 'owner', token };
  }
}

export async function signOut(session: Session): Promise<void> {
  try {
    if (session.token === undefined) await ask('/admin/logout', { method: 'POST', body: {} });
  } finally {
    signedOut('You have signed out.');
  }
}
