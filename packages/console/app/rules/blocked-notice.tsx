import { Alert } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { effectiveRule } from '../api/content-rules.ts';
import { hrefOf } from '../routing/route.ts';

/** Says that what is at this URL is blocked; nothing when it is not. */
export function BlockedNotice({ url }: { url: string }) {
  const asked = { url, caller: '' };
  const { data } = useQuery({
    queryKey: ['effective-rule', asked],
    queryFn: () => effectiveRule(asked),
  });
  if (!data?.Block) return null;
  const { Then, Reason } = data.Block;
  return (
    <Alert
      color={Then === 'Fail' ? 'red' : 'yellow'}
      mb="md"
      role="status"
      title={Then === 'Fail' ? 'Blocked: nobody gets it' : 'Blocked: it comes from its source only'}
    >
      {Reason} <a href={hrefOf('rules')}>See what is blocked</a>
    </Alert>
  );
}
