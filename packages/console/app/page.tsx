import { Loader } from '@mantine/core';
import { type ComponentType, lazy, Suspense, useEffect } from 'react';
import { EmptyState } from './layout/empty-state.tsx';
import { homeOf } from './layout/pages-of-console.ts';
import { useRoute } from './routing/route.ts';
import type { Session } from './session/session.ts';

/** The pages by the first part of their address. Each is loaded when it is first gone to. */
const pages: Record<string, ComponentType<{ path: string[] }>> = {
  '': lazy(() => import('./overview/overview-page.tsx')),
  live: lazy(() => import('./swarms/swarm-pages.tsx')),
  'cache-nodes': lazy(() => import('./cache-nodes/cache-node-pages.tsx')),
  policies: lazy(() => import('./policies/policies-page.tsx')),
  distribution: lazy(() => import('./distribution/distribution-page.tsx')),
  efficiency: lazy(() => import('./efficiency/efficiency-page.tsx')),
  devices: lazy(() => import('./devices/device-pages.tsx')),
  alarms: lazy(() => import('./alarms/alarms-page.tsx')),
  ingest: lazy(() => import('./ingest/ingest-page.tsx')),
  rules: lazy(() => import('./rules/rules-page.tsx')),
  enrolment: lazy(() => import('./enrolment/enrolment-page.tsx')),
  rollouts: lazy(() => import('./rollouts/rollouts-page.tsx')),
  users: lazy(() => import('./users/users-page.tsx')),
  tokens: lazy(() => import('./tokens/tokens-page.tsx')),
  audit: lazy(() => import('./audit/audit-page.tsx')),
  publish: lazy(() => import('./publish/publish-page.tsx')),
  account: lazy(() => import('./account/account-page.tsx')),
  content: lazy(() => import('./content/content-pages.tsx')),
};

export function Page({ session }: { session: Session }) {
  const { path } = useRoute();
  const [first = homeOf(session), ...rest] = path;
  const Known = Object.hasOwn(pages, first) ? pages[first] : undefined;
  const address = path.join('/');
  // biome-ignore lint/correctness/useExhaustiveDependencies: on each change of the address.
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [address]);
  if (!Known) {
    return (
      <EmptyState title="There is no such page">
        <a href="#/">Go to the overview</a>
      </EmptyState>
    );
  }
  return (
    <Suspense fallback={<Loader aria-label="Loading" />}>
      <Known path={rest} />
    </Suspense>
  );
}
