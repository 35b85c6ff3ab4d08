import { TextInput } from '@mantine/core';
import { useSession } from '../session/session.ts';

/** For which tenant something is. Who administers one has no choice. @param empty what it means to leave it out */
export function TenantInput({ empty }: { empty: string }) {
  if (useSession()?.isOfTenant) return null;
  return (
    <TextInput
      name="tenant"
      label="Tenant"
      description={`Empty: ${empty}`}
      autoComplete="off"
      pattern="[a-z0-9][a-z0-9\-]{0,62}"
    />
  );
}

export function tenantIn(form: FormData): { Tenant?: string } {
  const tenant = String(form.get('tenant') ?? '').trim();
  return tenant === '' ? {} : { Tenant: tenant };
}
