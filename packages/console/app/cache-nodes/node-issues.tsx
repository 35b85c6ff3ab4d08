import { Alert } from '@mantine/core';
import type { CacheNodeView } from '@sluice/protocol';
import { timeText } from '../figures/format.ts';
import { openIssues } from './node-state.tsx';

/** What is wrong with a node, and since when. */
export function NodeIssues({ node }: { node: CacheNodeView }) {
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
