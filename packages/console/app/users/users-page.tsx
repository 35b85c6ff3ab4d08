import { Badge, Button, Loader, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { changeUser, createUser, removeUser, type User, users } from '../api/access.ts';
import { timeText } from '../figures/format.ts';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import { FormDialog } from '../forms/form-dialog.tsx';
import { RoleSelect, roleIn } from '../forms/role-select.tsx';
import { TenantInput, tenantIn } from '../forms/tenant-input.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { type Column, DataTable } from '../tables/data-table.tsx';

export default function UsersPage() {
  const [creating, setCreating] = useState(false);
  const [edited, setEdited] = useState<User>();
  const { data, error, isPending } = useQuery({ queryKey: ['users'], queryFn: users });
  return (
    <>
      <PageHead title="Users" about="People who may use this console and the admin API.">
        <Button onClick={() => setCreating(true)}>New user</Button>
      </PageHead>
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data?.length === 0 && (
        <EmptyState title="There is no user yet">
          <p>
            Until there is one, everybody shares the admin token. Make a user for yourself first.
          </p>
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <DataTable
          label="Users"
          columns={columnsFor(setEdited)}
          rows={data}
          rowKey={(u) => u.Name}
        />
      )}
      <FormDialog
        title="New user"
        action="Make it"
        opened={creating}
        onClose={() => setCreating(false)}
        send={(form) =>
          createUser({
            Name: String(form.get('name')).trim(),
            Role: roleIn(form),
            ...tenantIn(form),
            Password: String(form.get('password')),
          })
        }
      >
        <TextInput name="name" label="Name" required autoComplete="off" data-autofocus />
        <RoleSelect />
        <TenantInput empty="the cloud as a whole" />
        <NewPassword required />
      </FormDialog>
      {edited && <EditUser user={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function EditUser({ user, onClose }: { user: User; onClose: () => void }) {
  return (
    <FormDialog
      title={`Change ${user.Name}`}
      action="Save"
      opened
      onClose={onClose}
      send={(form) => {
        const password = String(form.get('password'));
        return changeUser(user.Name, {
          Role: roleIn(form),
          ...(password !== '' && { Password: password }),
        });
      }}
    >
      <RoleSelect role={user.Role} />
      <NewPassword />
    </FormDialog>
  );
}

function NewPassword({ required = false }: { required?: boolean }) {
  return (
    <PasswordInput
      name="password"
      label={required ? 'Password' : 'New password'}
      description={
        required ? '12 characters at least' : 'Empty: it stays. It ends the sessions of the user.'
      }
      required={required}
      autoComplete="new-password"
      visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
    />
  );
}

const columnsFor = (onEdit: (user: User) => void): Column<User>[] => [
  {
    name: 'Name',
    by: (user) => user.Name,
    cell: (user) => (
      <>
        {user.DisplayName ?? user.Name}{' '}
        {!user.IsEnabled && (
          <Badge color="red" variant="light" tt="none">
            disabled
          </Badge>
        )}
      </>
    ),
  },
  { name: 'Role', by: (user) => user.Role, cell: (user) => user.Role },
  { name: 'Tenant', by: (user) => user.Tenant, cell: (user) => user.Tenant },
  {
    name: 'Signs in by',
    by: (user) => user.Source,
    cell: (user) => (user.Source === 'oidc' ? 'identity provider' : 'password'),
  },
  {
    name: 'Last login',
    by: (user) => user.LastLogin ?? '',
    cell: (user) => timeText(user.LastLogin),
    figure: true,
  },
  {
    name: 'Change',
    cell: (user) => (
      <div className="row">
        {user.Source === 'password' && (
          <Button
            variant="default"
            size="xs"
            aria-label={`Change ${user.Name}`}
            onClick={() => onEdit(user)}
          >
            Change
          </Button>
        )}
        <ConfirmButton
          name={user.IsEnabled ? 'Disable' : 'Enable'}
          question={`${user.IsEnabled ? 'Disable' : 'Enable'} ${user.Name}?`}
          send={() => changeUser(user.Name, { IsEnabled: !user.IsEnabled })}
        >
          {user.IsEnabled ? 'All sessions of the user end at once.' : 'The user may sign in again.'}
        </ConfirmButton>
        <ConfirmButton
          name="Remove"
          question={`Remove ${user.Name}?`}
          send={() => removeUser(user.Name)}
        >
          What the user did stays in the audit log.
        </ConfirmButton>
      </div>
    ),
  },
];
