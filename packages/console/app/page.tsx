import { Loader } from '@mantine/core';
import { type ComponentType, lazy, Suspense, useEffect } from 'react';
import { EmptyState } from './layout/empty-state.tsx';
import { useRoute } from './routing/route.ts';

/** The pages by the first part of their address. Each is loaded when it is first gone to. */
const pages: Record<string, ComponentType<{ path: string[] }>> = {
  '': lazy(() => import('./overview/overview-page.tsx')),
  content: lazy(() => import('./content/content-pages.tsx')),
};

export function Page() {
  const { path } = useRoute();
  const [first = '', ...rest] = path;
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
