import { ApiError, ask, askJson } from '../api/client.ts';
import { type Role, type Session, signedOut, signIn } from './session.ts';

interface Me {
  User: string;
  DisplayName: string | null;
  Role: Role;
  Tenant: string;
  CanChangePassword: boolean;
}

/** How one may sign in at this cloud. */
export interface Ways {
  Password: boolean;
  /** At an identity provider. */
  Oidc: boolean;
}

export function waysIn(): Promise<Ways> {
  return askJson('/admin/login');
}

/** Whether the browser's cookie still holds. @returns false: somebody has to sign in */
export async function resume(): Promise<boolean> {
  try {
    signIn(sessionOf(await askJson<Me>('/admin/me'), undefined));
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false;
    throw error;
  }
}

/** @throws ApiError, TypeError (the cloud is not reached) */
export async function signInWithPassword(name: string, password: string): Promise<void> {
  await ask('/admin/login', { method: 'POST', body: { Name: name, Password: password } });
  await resume();
}

/** @throws ApiError, TypeError (the cloud is not reached) */
export async function signInWithToken(token: string): Promise<void> {
  signIn(sessionOf(await askJson<Me>('/admin/me', { token }), token));
}

/** It is over here whatever the cloud answers. */
export async function signOut(session: Session): Promise<void> {
  try {
    if (session.token === undefined) await ask('/admin/logout', { method: 'POST', body: {} });
  } finally {
    signedOut('You have signed out.');
  }
}

function sessionOf(me: Me, token: string | undefined): Session {
  return {
    user: me.DisplayName ?? me.User,
    role: me.Role,
    isOfTenant: me.Tenant !== 'default',
    canChangePassword: me.CanChangePassword,
    token,
  };
}
