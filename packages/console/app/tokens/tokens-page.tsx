import { Button, Loader, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiToken, createToken, revokeToken, tokens } from '../api/access.ts';
import { timeText } from '../figures/format.ts';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import { FormDialog } from '../forms/form-dialog.tsx';
import { RoleSelect, roleIn } from '../forms/role-select.tsx';
import { SecretOnce } from '../forms/secret-once.tsx';
import { TenantInput, tenantIn } from '../forms/tenant-input.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { type Column, DataTable } from '../tables/data-table.tsx';

export default function TokensPage() {
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string>();
  const { data, error, isPending } = useQuery({ queryKey: ['tokens'], queryFn: tokens });
  return (
    <>
      <PageHead
        title="API tokens"
        about="For programs that use the admin API, such as a build that publishes."
      >
        <Button onClick={() => setCreating(true)}>New token</Button>
      </PageHead>
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data?.length === 0 && (
        <EmptyState title="There is no token yet">
          <p>Make one with the role operator, then publish from your build with it:</p>
          <pre>
            sluice publish FILE --url URL --cloud {window.location.origin} --token-file FILE
          </pre>
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <DataTable
          label="API tokens"
          columns={columns}
          rows={data}
          rowKey={(token) => token.Name}
        />
      )}
      <FormDialog
        title="New token"
        action="Make it"
        opened={creating}
        onClose={() => setCreating(false)}
        send={(form) =>
          createToken({
            Name: String(form.get('name')).trim(),
            Role: roleIn(form),
            ...tenantIn(form),
            ExpiresAt: expiryIn(form),
          })
        }
        onDone={({ Token }) => setSecret(Token)}
      >
        <TextInput name="name" label="Name" required autoComplete="off" data-autofocus />
        <RoleSelect />
        <TenantInput empty="the cloud as a whole" />
        <NativeSelect
          name="days"
          label="Expires"
          defaultValue="90"
          data={[
            { value: '7', label: 'in 7 days' },
            { value: '90', label: 'in 90 days' },
            { value: '365', label: 'in a year' },
            { value: '', label: 'never' },
          ]}
        />
      </FormDialog>
      <SecretOnce title="The token" secret={secret} onClose={() => setSecret(undefined)}>
        Send it as <code>Authorization: Bearer TOKEN</code>.
      </SecretOnce>
    </>
  );
}

function expiryIn(form: FormData): string | null {
  const days = Number(form.get('days'));
  return days === 0 ? null : new Date(Date.now() + days * 86_400_000).toISOString();
}

const columns: Column<ApiToken>[] = [
  { name: 'Name', by: (token) => token.Name, cell: (token) => token.Name },
  { name: 'Role', by: (token) => token.Role, cell: (token) => token.Role },
  { name: 'Tenant', by: (token) => token.Tenant, cell: (token) => token.Tenant },
  { name: 'Made by', by: (token) => token.CreatedBy, cell: (token) => token.CreatedBy },
  {
    name: 'Last used',
    by: (token) => token.LastUsed ?? '',
    cell: (token) => timeText(token.LastUsed),
    figure: true,
  },
  {
    name: 'Expires',
    by: (token) => token.ExpiresAt ?? '',
    cell: (token) => timeText(token.ExpiresAt),
    figure: true,
  },
  {
    name: 'Change',
    cell: (token) => (
      <ConfirmButton
        name="Revoke"
        question={`Revoke ${token.Name}?`}
        send={() => revokeToken(token.Name)}
      >
        Whoever uses it is refused from now on.
      </ConfirmButton>
    ),
  },
];
