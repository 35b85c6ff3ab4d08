import { Alert, Button, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { changeOwnPassword } from '../api/access.ts';
import { Facts } from '../figures/facts.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { Panel } from '../layout/panel.tsx';
import { useSession } from '../session/session.ts';

/** Who one is here. */
export default function AccountPage() {
  const session = useSession();
  if (!session) return null;
  return (
    <>
      <PageHead title="My account" />
      <Panel title="Who you are">
        <Facts
          facts={[
            ['Name', session.user],
            ['Role', session.role],
            [
              'Signed in by',
              session.token === undefined ? 'login' : 'token, kept in this page only',
            ],
          ]}
        />
      </Panel>
      {session.canChangePassword && <ChangePassword />}
    </>
  );
}

function ChangePassword() {
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: ({ current, next }: { current: string; next: string }) =>
      changeOwnPassword(current, next),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    mutate({ current: String(form.get('current')), next: String(form.get('next')) });
  };
  const toggle = { visibilityToggleButtonProps: { 'aria-label': 'Show the password' } };
  return (
    <Panel title="Change your password">
      <form onSubmit={submit} className="stack narrow">
        <PasswordInput
          name="current"
          label="Current password"
          autoComplete="current-password"
          required
          {...toggle}
        />
        <PasswordInput
          name="next"
          label="New password"
          autoComplete="new-password"
          required
          {...toggle}
        />
        <Fault error={error} />
        {isSuccess && (
          <Alert color="green" role="status">
            It is changed. Your other sessions have ended.
          </Alert>
        )}
        <div>
          <Button type="submit" loading={isPending}>
            Change it
          </Button>
        </div>
      </form>
    </Panel>
  );
}
