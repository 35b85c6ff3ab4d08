import { useQuery } from '@tanstack/react-query';
import { contentsAfter, nameOf } from '../api/contents.ts';

/** What people call a content; its id when it is not among the first that are published. */
export function useContentNames(): (contentId: string) => string {
  const { data } = useQuery({
    queryKey: ['content-names'],
    queryFn: async () => {
      const { Contents } = await contentsAfter(undefined);
      return new Map(Contents.map((content) => [content.ContentId, nameOf(content)]));
    },
    staleTime: 30_000,
  });
  return (contentId) => data?.get(contentId) ?? contentId;
}
