import type { ProgressView } from './progress-line.ts';
import type { SourceShare } from './source-share.ts';

/** Several downloads as one. */
export function sumViews(views: readonly ProgressView[]): ProgressView {
  const shares = new Map<string, SourceShare>();
  for (const share of views.flatMap((view) => view.shares)) {
    const bytes = (shares.get(share.name)?.bytes ?? 0) + share.bytes;
    shares.set(share.name, { ...share, bytes });
  }
  const states = new Set(views.map((view) => view.state));
  return {
    done: views.reduce((sum, view) => sum + view.done, 0),
    total: views.reduce((sum, view) => sum + (view.total ?? 0), 0),
    rate: views.reduce((sum, view) => sum + view.rate, 0),
    shares: [...shares.values()],
    state: states.size === 1 ? views[0]!.state : undefined,
  };
}
