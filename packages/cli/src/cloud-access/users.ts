import { sluiceError } from '@sluice/protocol';
import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { allPages, asAdmin, type CloudFlags, printable } from './as-admin.ts';
import { newPassword } from './password.ts';

export interface UserFlags extends CloudFlags {
  role?: string;
  tenant?: string;
  passwordFile?: string;
  password?: boolean;
  enable?: boolean;
  disable?: boolean;
}

interface UserView {
  Name: string;
  DisplayName: string | null;
  Role: string;
  Tenant: string;
  IsEnabled: boolean;
  Source: string;
  LastLogin: string | null;
}

const root = '/admin/users';
const at = (name: string) => `${root}/${encodeURIComponent(name)}`;

export async function addUser(name: string, flags: UserFlags): Promise<void> {
  const { role, tenant, passwordFile } = flags;
  const Password = await newPassword(passwordFile);
  const body = {
    Name: name,
    Role: role,
    Password,
    ...(tenant !== undefined && { Tenant: tenant }),
  };
  show([(await asAdmin(flags, 'POST', root, body)) as UserView], flags);
}

/** @throws InvalidArgument when nothing is to be changed */
export async function setUser(name: string, flags: UserFlags): Promise<void> {
  const { role, password, passwordFile, enable, disable } = flags;
  const wantsPassword = password === true || passwordFile !== undefined;
  const body = {
    ...(role !== undefined && { Role: role }),
    ...((enable || disable) && { IsEnabled: enable === true }),
    ...(wantsPassword && { Password: await newPassword(passwordFile) }),
  };
  if (Object.keys(body).length === 0) {
    const detail = 'one of --role, --password, --password-file, --enable, --disable is needed';
    throw sluiceError('InvalidArgument', { name: 'user set', detail });
  }
  show([(await asAdmin(flags, 'PATCH', at(name), body)) as UserView], flags);
}

export async function listUsers(flags: CloudFlags): Promise<void> {
  const users = await allPages<UserView>(flags, root, 'Users');
  if (users.length === 0 && !flags.json) print('no users; the admin token is an owner');
  else show(users, flags);
}

export async function removeUser(name: string, flags: CloudFlags): Promise<void> {
  await asAdmin(flags, 'DELETE', at(name));
}

function show(users: UserView[], { json }: CloudFlags): void {
  if (json) {
    printJson(users);
    return;
  }
  const head = ['Name', 'Role', 'Tenant', 'Enabled', 'Known by', 'Last login'];
  const rows = users.map((u) => [
    printable(u.DisplayName === null ? u.Name : `${u.Name} (${u.DisplayName})`),
    ...[u.Role, u.Tenant, u.IsEnabled ? 'yes' : 'no', u.Source, u.LastLogin ?? '-'],
  ]);
  print(formatTable([head, ...rows]));
}
