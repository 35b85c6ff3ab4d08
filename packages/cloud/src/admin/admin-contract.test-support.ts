import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AuditEntry, isSluiceError } from '@sluice/protocol';
import { auditHash, firstPreviousHash } from '@sluice/protocol/schemas';
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { breakGlass } from './access/authenticate.ts';
import { type AuditEvent, AuditLog } from './audit/audit-log.ts';
import { type AuditTables, migrations } from './audit/tables.ts';
import { type AdminStores, openAdmin } from './users/open-admin.ts';

export const anEvent: AuditEvent = {
  ...{ User: 'anna', Role: 'owner', Tenant: 'default', Address: '192.0.2.1' },
  ...{ Action: 'DELETE /admin/users/:name', Target: 'bert ü', Detail: '{"a":[1,"\\u0000"]}' },
  ...{ Status: 204, Error: null },
};

/** Each is bound to the one before, and to what it says. */
export function assertChain(entries: AuditEntry[]): void {
  let previous = firstPreviousHash;
  for (const { Hash, ...entry } of entries) {
    assert.equal(entry.PreviousHash, previous);
    assert.equal(auditHash(entry), Hash);
    previous = Hash;
  }
}

/** What admins must find in every database. @param open opens an empty one; the test closes it. */
export function adminContract(name: string, open: () => Promise<Database>): void {
  const check = (
    title: string,
    body: (w: { database: Database; admin: AdminStores; time: { now: number } }) => Promise<void>,
  ) =>
    test(title, async () => {
      const database = await open();
      const time = { now: 1_000_000 };
      try {
        await body({ database, admin: await openAdmin(database, () => time.now), time });
      } finally {
        await database.close();
      }
    });
  const user = { name: 'anna', tenant: 'north', role: 'operator', password: 'hash' } as const;
  const north = { user: 'x', role: 'owner', tenant: 'north' } as const;
  const south = { user: 'y', role: 'owner', tenant: 'south' } as const;
  const isMissing = (error: unknown) => isSluiceError(error, 'NoSuchResource');

  describe(`${name}: admin contract`, () => {
    check('users, as they were made and changed; names once; tenants apart', async ({ admin }) => {
      const { users } = admin;
      const made = await users.create(user, breakGlass);
      assert.deepEqual({ ...(await users.byName('anna')) }, made);
      assert.deepEqual(
        [made.enabled, made.created_at, made.created_by, made.last_login_at],
        [1, 1_000_000, 'admin-token', null],
      );
      const taken = users.create({ ...user, tenant: 'south' }, breakGlass);
      await assert.rejects(taken, (e) => isSluiceError(e, 'RequestInvalid'));
      assert.equal((await users.visible('anna', north)).user_id, made.user_id);
      await assert.rejects(users.visible('anna', south), isMissing);
      const page = { after: undefined, limit: 10 };
      assert.equal((await users.list(page, south)).length, 0);
      assert.equal((await users.list(page, breakGlass)).length, 1);
      const changed = await users.change(made, { role: 'viewer', enabled: 0 });
      assert.deepEqual({ ...(await users.byName('anna')) }, changed);
      await users.remove(changed);
      assert.equal(await users.byName('anna'), undefined);
    });

    check('who comes from a provider is made once and then followed', async ({ admin }) => {
      const { users } = admin;
      const provided = { subject: 's-1', displayName: 'Anna', role: 'viewer' } as const;
      const first = await users.provided(provided);
      assert.deepEqual([first.name, first.password, first.tenant], ['oidc:s-1', null, 'default']);
      await users.change(first, { enabled: 0 });
      const again = await users.provided({ ...provided, displayName: 'Ä', role: 'owner' });
      assert.deepEqual({ ...again }, { ...first, display_name: 'Ä', role: 'owner', enabled: 0 });
    });

    check('sessions end by idling, by age, by logging out and with their user', async (w) => {
      const { users, sessions } = w.admin;
      const row = await users.create(user, breakGlass);
      const keys = await Promise.all(Array.from({ length: 4 }, () => sessions.begin(row)));
      const found = await Promise.all(keys.map((key) => sessions.find(key)));
      assert.deepEqual(
        found.map((s) => s?.user),
        [row, row, row, row],
      );
      await sessions.end(found[0]!.digest);
      await users.change(row, { password: 'new' }, found[1]!.digest);
      const left = await Promise.all(keys.map((key) => sessions.find(key)));
      assert.deepEqual(
        left.map((s) => s !== undefined),
        [false, true, false, false],
      );
      assert.equal(await sessions.find('nonsense'), undefined);
      const provided = await users.provided({ subject: 's', displayName: '', role: 'viewer' });
      const short = await sessions.begin(provided);
      for (let i = 0; i < 3; i++) {
        w.time.now += 8 * 3_600_000;
        assert.notEqual(await sessions.find(keys[1]!), undefined);
        assert.equal((await sessions.find(short)) !== undefined, i < 2, 'a day at the most');
      }
      w.time.now += 12 * 3_600_000;
      assert.equal(await sessions.find(keys[1]!), undefined);
      const last = await sessions.begin(row);
      await users.remove(row);
      assert.equal(await sessions.find(last), undefined);
    });

    check('tokens are found by themselves only, and by nobody once revoked', async (w) => {
      const { tokens } = w.admin;
      const given = { name: 'ci', tenant: 'north', role: 'viewer', expires_at: null } as const;
      const { token, row } = await tokens.create(given, north);
      assert.deepEqual({ ...(await tokens.find(token)) }, row);
      const page = { after: undefined, limit: 10 };
      const [listed] = await tokens.list(page, north);
      assert.deepEqual({ ...listed }, { ...row, last_used_at: 1_000_000 });
      assert.deepEqual(await tokens.list(page, south), []);
      await assert.rejects(tokens.revoke('ci', south), isMissing);
      const again = tokens.create({ ...given, role: 'owner' }, south);
      await assert.rejects(again, (e) => isSluiceError(e, 'RequestInvalid'));
      await tokens.revoke('ci', north);
      assert.equal(await tokens.find(token), undefined);
    });

    check('attempts are counted together, and forgotten after their window', async (w) => {
      const { attempts } = w.admin;
      const take = (n: number) =>
        Promise.allSettled(Array.from({ length: n }, () => attempts.take('192.0.2.1', 'anna')));
      const failed = (all: PromiseSettledResult<void>[]) =>
        all.filter((one) => one.status === 'rejected').length;
      assert.equal(failed(await take(12)), 2);
      await attempts.succeeded('192.0.2.1', 'anna');
      assert.equal(failed(await take(10)), 0);
      w.time.now += 15 * 60_000;
      assert.equal(failed(await take(10)), 0);
    });

    check(
      'the audit log keeps what it was told, in a chain, and lets nobody change it',
      async (w) => {
        const audit = await AuditLog.open(w.database, () => w.time.now);
        const at = { newestFirst: false, after: undefined, limit: 10 };
        assert.deepEqual(await audit.list(at), []);
        const told = await Promise.all(
          ['a', 'b', 'c'].map((User) => audit.append({ ...anEvent, User })),
        );
        const entries = await audit.list(at);
        // At once: each has its place, whichever.
        assert.deepEqual(
          entries,
          told.toSorted((a, b) => a.Seq - b.Seq),
        );
        assertChain(entries);
        const { Hash: _, ...first } = entries[0]!;
        assert.notEqual(auditHash({ ...first, Address: '192.0.2.2' }), entries[0]!.Hash);
        const db = await w.database.tables<AuditTables>({ name: 'audit', migrations });
        const changes = [
          sql`UPDATE admin_audit SET user_name = 'z' WHERE seq = 1`,
          sql`DELETE FROM admin_audit WHERE seq = 3`,
          sql`DELETE FROM admin_audit`,
        ];
        for (const change of changes) await assert.rejects(change.execute(db), /append-only/);
        assert.deepEqual(await audit.list(at), entries);
      },
    );
  });
}
