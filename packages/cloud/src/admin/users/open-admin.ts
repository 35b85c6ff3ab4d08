import type { Database } from '../../database/database.ts';
import { LoginAttempts } from '../login/attempts.ts';
import { AdminUsers } from './admin-users.ts';
import { ApiTokens } from './api-tokens.ts';
import { AdminSessions } from './sessions.ts';
import { type AdminTables, migrations } from './tables.ts';

/** Who may use the admin API, and who is doing so. */
export interface AdminStores {
  users: AdminUsers;
  sessions: AdminSessions;
  tokens: ApiTokens;
  attempts: LoginAttempts;
}

/** @throws as `Database.tables` */
export async function openAdmin(database: Database, wallTime: () => number): Promise<AdminStores> {
  const db = await database.tables<AdminTables>({ name: 'admin', migrations });
  return {
    users: new AdminUsers(db, wallTime),
    sessions: new AdminSessions(db, wallTime),
    tokens: new ApiTokens(db, wallTime),
    attempts: new LoginAttempts(db, wallTime),
  };
}
