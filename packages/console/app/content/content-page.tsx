import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { contentById, nameOf } from '../api/contents.ts';
import { Facts } from '../figures/facts.tsx';
import { bytesText } from '../figures/format.ts';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { Panel } from '../layout/panel.tsx';
import { hrefOf } from '../routing/route.ts';

/** One content: what it is and where devices get it. */
export function ContentPage({ contentId }: { contentId: string }) {
  const { data, error, isPending } = useQuery({
    queryKey: ['contents', contentId],
    queryFn: () => contentById(contentId),
  });
  if (isPending) return <Loader aria-label="Loading" />;
  if (error) return <Fault error={error} />;
  if (!data) {
    return (
      <EmptyState title="This content is not published any more">
        <a href={hrefOf('content')}>See what is</a>
      </EmptyState>
    );
  }
  return (
    <>
      <PageHead title={nameOf(data)} about={bytesText(data.ContentLength)} />
      <Panel title="What it is">
        <Facts
          facts={[
            ['Content id', <code key="id">{data.ContentId}</code>],
            ['HashOfHashes', <code key="hash">{data.HashOfHashes}</code>],
            ['Size', `${bytesText(data.ContentLength)} in pieces of ${bytesText(data.PieceSize)}`],
            ['URLs', <Lines key="urls" lines={data.Urls} />],
            ...Object.entries(data.Policies).map(
              ([name, value]) => [name, String(value)] as [string, string],
            ),
          ]}
        />
      </Panel>
    </>
  );
}

function Lines({ lines }: { lines: string[] }) {
  return lines.map((line) => <div key={line}>{line}</div>);
}
