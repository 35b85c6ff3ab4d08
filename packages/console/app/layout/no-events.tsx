import { EmptyState } from './empty-state.tsx';

/** Reports come from what devices tell after a download. */
export function NoEvents({ what }: { what: string }) {
  return (
    <EmptyState title={`No ${what} in these days`}>
      <p>
        Devices tell what they did a moment after a download. Run an agent, or fetch one file here:
      </p>
      <pre>sluice get URL --cloud {window.location.origin}</pre>
    </EmptyState>
  );
}
