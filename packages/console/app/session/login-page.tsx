import { Alert, Button, Paper, PasswordInput, Tabs, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Fault } from '../layout/fault.tsx';
import { useFarewell } from './session.ts';
import { signInWithPassword, signInWithToken, waysIn } from './sign-in.ts';

/** The way in: name and password, or a token for who has no user yet. @param error why one is not in already */
export function LoginPage({ error }: { error?: unknown }) {
  const farewell = useFarewell();
  const { data: ways } = useQuery({ queryKey: ['ways-in'], queryFn: waysIn });
  return (
    <main className="login">
      <Paper withBorder p="xl" radius="md" className="login-card">
        <Title order={1} size="h2" mb="md">
          Sluice
        </Title>
        {farewell !== undefined && (
          <Alert color="blue" mb="md" role="status">
            {farewell}
          </Alert>
        )}
        {ways?.Oidc && (
          <Button component="a" href="/admin/login/oidc" fullWidth mb="md">
            Sign in at your identity provider
          </Button>
        )}
        <div className="login-error">
          <Fault error={error} />
        </div>
        <Tabs defaultValue="password" keepMounted={false}>
          <Tabs.List grow mb="md">
            <Tabs.Tab value="password">Name and password</Tabs.Tab>
            <Tabs.Tab value="token">Token</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="password">
            <PasswordForm />
          </Tabs.Panel>
          <Tabs.Panel value="token">
            <TokenForm />
          </Tabs.Panel>
        </Tabs>
      </Paper>
    </main>
  );
}

function PasswordForm() {
  const { submit, busy, error } = useSubmit((form) =>
    signInWithPassword(String(form.get('user')), String(form.get('password'))),
  );
  return (
    <form onSubmit={submit} className="stack">
      <TextInput name="user" label="Name" autoComplete="username" required />
      <PasswordInput
        name="password"
        label="Password"
        autoComplete="current-password"
        required
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      />
      <Fault error={error} />
      <Button type="submit" loading={busy}>
        Sign in
      </Button>
      <p className="hint">
        No user yet? <code>sluice cloud user add NAME --role owner</code> makes one.
      </p>
    </form>
  );
}

function TokenForm() {
  const { submit, busy, error } = useSubmit((form) =>
    signInWithToken(String(form.get('token')).trim()),
  );
  return (
    <form onSubmit={submit} className="stack">
      <PasswordInput
        name="token"
        label="Admin or API token"
        description="Kept in the memory of this page only."
        autoComplete="off"
        required
        visibilityToggleButtonProps={{ 'aria-label': 'Show the token' }}
      />
      <Fault error={error} />
      <Button type="submit" loading={busy}>
        Sign in
      </Button>
      <p className="hint">
        The cloud has put one in <code>admin-token</code> of its data directory.
      </p>
    </form>
  );
}

function useSubmit(signIn: (form: FormData) => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(undefined);
    try {
      await signIn(form);
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return { submit, busy, error };
}
