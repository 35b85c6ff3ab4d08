import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';

/** A list that comes in pages. @param pageAfter the page behind what `Next` of the one before said */
export function usePages<Page extends { Next: string | number | null }>(
  queryKey: QueryKey,
  pageAfter: (after: string | undefined) => Promise<Page>,
  { again, enabled = true }: { again?: number; enabled?: boolean } = {},
) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => pageAfter(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ Next }) => (Next === null ? undefined : String(Next)),
    enabled,
    /** When to ask for them again, ms. */
    ...(again !== undefined && { refetchInterval: again }),
  });
}
