import { useSyncExternalStore } from 'react';

export type Role = 'owner' | 'operator' | 'viewer';

/** Who is signed in. */
export interface Session {
  user: string;
  role: Role;
  /** Of one tenant, not of the cloud: its devices, users, tokens and audit log are all there is. */
  isOfTenant: boolean;
  canChangePassword: boolean;
  /** The token stays in memory: a reload asks for it again, and no script of another page finds it. */
  token: string | undefined;
}

let current: Session | undefined;
/** Why somebody who was signed in is not any more. */
let farewell: string | undefined;
const listeners = new Set<() => void>();

export function currentToken(): string | undefined {
  return current?.token;
}

export function signIn(session: Session): void {
  current = session;
  farewell = undefined;
  tell();
}

/** The cloud does not know us any more, or we leave. */
export function signedOut(why = 'Your session has ended: sign in again.'): void {
  if (current === undefined) return;
  current = undefined;
  farewell = why;
  tell();
}

export function useSession(): Session | undefined {
  return useSyncExternalStore(subscribe, () => current);
}

export function useFarewell(): string | undefined {
  return useSyncExternalStore(subscribe, () => farewell);
}

const rank: Record<Role, number> = { viewer: 0, operator: 1, owner: 2 };

export function hasRole(role: Role, least: Role): boolean {
  return rank[role] >= rank[least];
}

/** Whether who is signed in may do what needs `least`. The cloud checks for itself. */
export function useMay(least: Role): boolean {
  const session = useSession();
  return session !== undefined && hasRole(session.role, least);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
