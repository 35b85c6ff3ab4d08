import { NativeSelect } from '@mantine/core';
import type { Role } from '../session/session.ts';

const roles: { value: Role; label: string }[] = [
  { value: 'viewer', label: 'viewer: sees all, changes nothing' },
  { value: 'operator', label: 'operator: publishes, preheats, sets policies' },
  { value: 'owner', label: 'owner: users, tokens and audit too' },
];

export function RoleSelect({ role = 'viewer' }: { role?: Role }) {
  return <NativeSelect name="role" label="Role" data={roles} defaultValue={role} />;
}

export function roleIn(form: FormData): Role {
  return String(form.get('role')) as Role;
}
