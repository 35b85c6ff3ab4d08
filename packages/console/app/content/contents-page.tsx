import { type Content, contentsAfter, nameOf } from '../api/contents.ts';
import { usePages } from '../api/pages.ts';
import { bytesText, countText } from '../figures/format.ts';
import { EmptyState } from '../layout/empty-state.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { hrefOf } from '../routing/route.ts';
import type { Column } from '../tables/data-table.tsx';
import { SearchedPages } from '../tables/searched-pages.tsx';

/** All that is published. */
export function ContentsPage() {
  const pages = usePages(['contents'], contentsAfter);
  return (
    <>
      <PageHead
        title="Content"
        about="What is published: devices fetch it from each other, verified."
      />
      <SearchedPages
        label="Contents"
        searchLabel="Find by name, URL or id"
        pages={pages}
        rows={pages.data?.pages.flatMap((page) => page.Contents)}
        columns={columns}
        rowKey={(content) => content.ContentId}
        textsOf={({ ContentId, Urls }) => [ContentId, ...Urls]}
        empty={<NothingPublished />}
      />
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
