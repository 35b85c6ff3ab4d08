import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { allPages, asAdmin, type CloudFlags, printable } from './as-admin.ts';

export interface TokenFlags extends CloudFlags {
  role: string;
  tenant?: string;
  /** ms; null never. */
  expires: number | null;
}

interface TokenView {
  Name: string;
  Role: string;
  Tenant: string;
  CreatedBy: string;
  ExpiresAt: string | null;
  LastUsed: string | null;
}

const root = '/admin/tokens';

export async function createToken(name: string, flags: TokenFlags): Promise<void> {
  const { role, tenant, expires } = flags;
  const ExpiresAt = expires === null ? null : new Date(Date.now() + expires).toISOString();
  const given = { Name: name, Role: role, ExpiresAt };
  const body = { ...given, ...(tenant !== undefined && { Tenant: tenant }) };
  const made = (await asAdmin(flags, 'POST', root, body)) as TokenView & { Token: string };
  if (flags.json) {
    printJson(made);
    return;
  }
  print(made.Token);
  // Beside the result, which a script puts into a file.
  process.stderr.write(
    `Keep it: it is not shown again. It ${ExpiresAt === null ? 'never expires' : `expires at ${ExpiresAt}`}.\n`,
  );
}

export async function listTokens(flags: CloudFlags): Promise<void> {
  const tokens = await allPages<TokenView>(flags, root, 'Tokens');
  if (flags.json) {
    printJson(tokens);
    return;
  }
  if (tokens.length === 0) {
    print('no API tokens');
    return;
  }
  const head = ['Name', 'Role', 'Tenant', 'Made by', 'Expires', 'Last used'];
  const rows = tokens.map((t) => [
    ...[t.Name, t.Role, t.Tenant, t.CreatedBy].map(printable),
    ...[t.ExpiresAt ?? 'never', t.LastUsed ?? '-'],
  ]);
  print(formatTable([head, ...rows]));
}

export async function revokeToken(name: string, flags: CloudFlags): Promise<void> {
  await asAdmin(flags, 'DELETE', `${root}/${encodeURIComponent(name)}`);
}
