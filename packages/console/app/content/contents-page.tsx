import { Button, Loader, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Content, contentsAfter, nameOf } from '../api/contents.ts';
import { bytesText, countText } from '../figures/format.ts';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { hrefOf } from '../routing/route.ts';
import { type Column, DataTable } from '../tables/data-table.tsx';

/** All that is published. */
export function ContentsPage() {
  const [search, setSearch] = useState('');
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      queryKey: ['contents'],
      queryFn: ({ pageParam }) => contentsAfter(pageParam),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.Next ?? undefined,
    });
  const all = data?.pages.flatMap((page) => page.Contents) ?? [];
  const shown = all.filter((content) => isFound(content, search));
  return (
    <>
      <PageHead
        title="Content"
        about="What is published: devices fetch it from each other, verified."
      />
      <Fault error={error} />
      {isPending && <Loader aria-label="Loading" />}
      {data && all.length === 0 && <NothingPublished />}
      {all.length > 0 && (
        <>
          <TextInput
            label="Find by name, URL or id"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            mb="sm"
          />
          <DataTable
            label="Contents"
            columns={columns}
            rows={shown}
            rowKey={(content) => content.ContentId}
          />
          <p className="hint" role="status">
            {countText(shown.length)} of {countText(all.length)} that are loaded
          </p>
          {hasNextPage && (
            <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
              Load more
            </Button>
          )}
        </>
      )}
    </>
  );
}

const columns: Column<Content>[] = [
  {
    name: 'Name',
    by: nameOf,
    cell: (content) => (
      <div className="name">
        <a href={hrefOf('content', content.ContentId)}>{nameOf(content)}</a>
        <div className="hint">{content.Urls[0] ?? 'no URL any more'}</div>
      </div>
    ),
  },
  {
    name: 'Size',
    by: (content) => content.ContentLength,
    cell: (content) => bytesText(content.ContentLength),
    figure: true,
  },
  {
    name: 'Pieces',
    by: (content) => pieces(content),
    cell: (content) => countText(pieces(content)),
    figure: true,
  },
  {
    name: 'URLs',
    by: (content) => content.Urls.length,
    cell: (content) => content.Urls.length,
    figure: true,
  },
];

function pieces({ ContentLength, PieceSize }: Content): number {
  return Math.ceil(ContentLength / PieceSize);
}

function isFound({ ContentId, Urls }: Content, search: string): boolean {
  const text = search.trim().toLowerCase();
  return [ContentId, ...Urls].some((part) => part.toLowerCase().includes(text));
}

function NothingPublished() {
  return (
    <EmptyState title="Nothing is published yet">
      <p>
        A content needs a hash list, so that what comes from other devices can be checked. At a
        terminal that has the file:
      </p>
      <pre>sluice publish FILE --url https://server/file</pre>
    </EmptyState>
  );
}
