import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { CloudFlags } from '../cloud-access/as-admin.ts';
import type { AuditFlags } from '../cloud-access/audit.ts';
import type { TokenFlags } from '../cloud-access/tokens.ts';
import type { UserFlags } from '../cloud-access/users.ts';
import { integerValue, pathValue } from '../options/values.ts';
import { adminCommand } from './admin-command.ts';

const loadUsers = () => import('../cloud-access/users.ts');
const loadTokens = () => import('../cloud-access/tokens.ts');
const loadAudit = () => import('../cloud-access/audit.ts');

/** `sluice cloud user …`, `token …` and `audit`: who may administer a cloud, and who did what. */
export function cloudAccessCommands(): Command[] {
  const users = new Command('user').description('the people who may administer a cloud');
  const tokens = new Command('token').description('tokens for programs that administer a cloud');
  for (const command of userCommands()) users.addCommand(command);
  for (const command of tokenCommands()) tokens.addCommand(command);
  return [users, tokens, auditCommand()];
}

function userCommands(): Command[] {
  return [
    adminCommand('add', 'make a user; the password is asked for', [
      'sluice cloud user add anna --role owner',
      'who logs in at the console from now on',
    ])
      .addArgument(nameArgument('of the user'))
      .addOption(roleOption().makeOptionMandatory())
      .addOption(passwordFileOption())
      .addOption(tenantOption())
      .action(async (name: string, flags: UserFlags) => (await loadUsers()).addUser(name, flags)),
    adminCommand('set', 'change a user: role, password, whether to be let in', [
      'sluice cloud user set anna --disable',
      'whose sessions end at once',
    ])
      .addArgument(nameArgument('of the user'))
      .addOption(roleOption())
      .addOption(new Option('--password', 'ask for a new password'))
      .addOption(passwordFileOption())
      .addOption(new Option('--enable', 'to be let in again').conflicts('disable'))
      .addOption(new Option('--disable', 'to be logged out, and let in no more'))
      .action(async (name: string, flags: UserFlags) => (await loadUsers()).setUser(name, flags)),
    adminCommand('list', 'all users', ['sluice cloud user list', 'a line each']).action(
      async (flags: CloudFlags) => (await loadUsers()).listUsers(flags),
    ),
    adminCommand('remove', 'remove a user, whose sessions end', [
      'sluice cloud user remove anna',
      'the audit log keeps what was done',
    ])
      .addArgument(nameArgument('of the user'))
      .action(async (name: string, flags: CloudFlags) =>
        (await loadUsers()).removeUser(name, flags),
      ),
  ];
}

function tokenCommands(): Command[] {
  return [
    adminCommand('create', 'make a token, and print it once', [
      'sluice cloud token create ci --role operator > token && sluice publish FILE --url URL --token-file token',
      'for a build that publishes',
    ])
      .addArgument(nameArgument('of the token'))
      .addOption(roleOption().makeOptionMandatory())
      .addOption(
        new Option('--expires <time>', 'in what time, such as 12h or 90d, or never')
          .argParser(lifetimeValue)
          .default(90 * dayMs, '90d'),
      )
      .addOption(tenantOption())
      .action(async (name: string, flags: TokenFlags) =>
        (await loadTokens()).createToken(name, flags),
      ),
    adminCommand('list', 'all tokens, with when they were used', [
      'sluice cloud token list',
      'a line each',
    ]).action(async (flags: CloudFlags) => (await loadTokens()).listTokens(flags)),
    adminCommand('revoke', 'end a token', [
      'sluice cloud token revoke ci',
      'nobody has it from now on',
    ])
      .addArgument(nameArgument('of the token'))
      .action(async (name: string, flags: CloudFlags) =>
        (await loadTokens()).revokeToken(name, flags),
      ),
  ];
}

function auditCommand(): Command {
  return adminCommand(
    'audit',
    'who changed what, the newest first',
    ['sluice cloud audit --user anna --from 2027-01-31', 'what was done by one user since then'],
    ['sluice cloud audit --verify', 'whether anybody has changed the log'],
  )
    .addOption(new Option('--user <name>', 'of this user only'))
    .addOption(new Option('--action <start>', 'actions that begin so, such as "DELETE /admin"'))
    .addOption(new Option('--tenant <name>', 'of admins of this tenant only'))
    .addOption(new Option('--from <time>', 'not before, ISO 8601'))
    .addOption(new Option('--to <time>', 'before, ISO 8601'))
    .addOption(
      new Option('--limit <entries>', 'how many at the most')
        .argParser(integerValue(1, 1_000_000))
        .default(100),
    )
    .addOption(
      new Option(
        '--verify [last]',
        'check the hashes of all entries instead; with SEQ:HASH, which a check prints, also that this one is there still',
      )
        .argParser(pointValue)
        .conflicts(['user', 'action', 'tenant', 'from', 'to']),
    )
    .action(async (flags: AuditFlags) => (await loadAudit()).audit(flags));
}

function nameArgument(whose: string): Argument {
  return new Argument('<name>', whose).argParser((text: string) => {
    if (/^(?:[a-z0-9][a-z0-9._@+-]{0,62}|oidc:[\x21-\x7e]{1,255})$/.test(text)) return text;
    throw new InvalidArgumentError('It must be 1 to 63 small letters, digits, or any of . _ @ + -');
  });
}

function roleOption(): Option {
  return new Option(
    '--role <role>',
    'what it may do: see all; change it; rule over admins',
  ).choices(['viewer', 'operator', 'owner']);
}

function tenantOption(): Option {
  return new Option('--tenant <name>', 'whose admin it is (default: yours)');
}

function passwordFileOption(): Option {
  return new Option(
    '--password-file <file>',
    'the password is its first line (default: asked for at the terminal)',
  ).argParser(pathValue);
}

const dayMs = 86_400_000;
const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: dayMs };

/** ms; null never. */
function lifetimeValue(text: string): number | null {
  if (text === 'never') return null;
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined || Number(count) === 0) {
    throw new InvalidArgumentError('It must be a time such as 30m, 12h or 90d, or never.');
  }
  return Number(count) * unitMs[unit]!;
}

function pointValue(text: string): { seq: number; hash: string } {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash };
  throw new InvalidArgumentError('It must be SEQ:HASH, as an earlier check printed it.');
}
