import type { AuditEntry } from '@sluice/protocol';
import { parseAuditReply } from '@sluice/protocol/schemas';
import { print, printJson } from '../terminal/print.ts';
import { asAdmin, type CloudFlags, printable } from './as-admin.ts';
import { AuditCheck } from './audit-check.ts';

export interface AuditFlags extends CloudFlags {
  user?: string;
  action?: string;
  tenant?: string;
  from?: string;
  to?: string;
  limit: number;
  /** True, or what an earlier check ended with. */
  verify?: true | { seq: number; hash: string };
}

/** Entries asked for at once: with the largest of details they fit into what a reply may have. */
const pageSize = 40;

/** `sluice cloud audit`. @throws as `asAdmin`, AuditBroken */
export async function audit(flags: AuditFlags): Promise<void> {
  if (flags.verify !== undefined) return verify(flags);
  const { user, action, tenant, from, to, limit } = flags;
  let left = limit;
  for await (const entry of entries(flags, { user, action, tenant, from, to })) {
    if (flags.json) printJson(entry);
    else print(lineOf(entry));
    left--;
    if (left === 0) break;
  }
  if (left === limit && !flags.json) print('no entries');
}

async function verify(flags: AuditFlags): Promise<void> {
  const me = (await asAdmin(flags, 'GET', '/admin/me')) as { Tenant: string };
  const isWhole = me.Tenant === 'default';
  const check = new AuditCheck({
    isWhole,
    ...(typeof flags.verify === 'object' && { known: flags.verify }),
  });
  for await (const entry of entries(flags, { order: 'oldest' })) check.next(entry);
  const { entries: count, last } = check.end();
  if (flags.json) printJson({ Entries: count, Intact: true, Whole: isWhole, Last: last });
  else {
    const whole = isWhole ? '' : '; those of other tenants between them were not looked at';
    print(`${count} entries, intact${whole}`);
    if (last) print(`last ${last.Seq}:${last.Hash}`);
  }
}

async function* entries(
  flags: CloudFlags,
  query: Record<string, string | undefined>,
): AsyncGenerator<AuditEntry> {
  for (let after: string | null | undefined; after !== null; ) {
    const given = Object.entries({ ...query, after, limit: String(pageSize) });
    const said = given.filter((pair): pair is [string, string] => typeof pair[1] === 'string');
    const path = `/admin/audit?${new URLSearchParams(said)}`;
    const reply = parseAuditReply(await asAdmin(flags, 'GET', path));
    yield* reply.Entries;
    after = reply.Next;
  }
}

function lineOf(entry: AuditEntry): string {
  const { Time, User, Address, Action, Target, Detail, Status, Error: error } = entry;
  const what = [Action, Target, Detail === '{}' ? '' : Detail].filter((part) => part !== '');
  const outcome = error === null ? `${Status}` : `${Status} ${error}`;
  return printable(`${Time}  ${User || '(nobody)'}  ${Address}  ${outcome}  ${what.join(' ')}`);
}
