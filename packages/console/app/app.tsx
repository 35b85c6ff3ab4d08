import { Loader } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Shell } from './layout/shell.tsx';
import { Page } from './page.tsx';
import { signInByLink } from './session/link-login.ts';
import { LoginPage } from './session/login-page.tsx';
import { useSession } from './session/session.ts';
import { resume } from './session/sign-in.ts';

/** Looks who is signed in, then shows the console or the way in. */
export function App() {
  const session = useSession();
  const queries = useQueryClient();
  const [looked, setLooked] = useState(false);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    signInByLink()
      .then((signedIn) => signedIn || resume())
      .catch(setError)
      .finally(() => setLooked(true));
  }, []);
  // Nobody sees what another was told.
  useEffect(() => {
    if (!session) queries.clear();
  }, [session, queries]);
  if (!looked) return <Loader className="start-loader" aria-label="Loading" />;
  if (!session) return <LoginPage error={error} />;
  return (
    <Shell session={session}>
      <Page session={session} />
    </Shell>
  );
}
