import { Alert } from '@mantine/core';
import type { CacheNode } from '../api/cache-nodes.ts';
import { timeText } from '../figures/format.ts';
import { openIssues } from './node-state.tsx';

/** What is wrong with a node, and since when. */
export function NodeIssues({ node }: { node: CacheNode }) {
  return openIssues(node).map((issue) => (
    <Alert
      key={`${issue.Type} ${issue.Subject} ${issue.StartTime}`}
      color="yellow"
      role="status"
      mb="md"
      title={`${issue.Type}: ${issue.Subject}`}
    >
      {issue.Detail} (since {timeText(issue.StartTime)})
    </Alert>
  ));
}
