import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { contentById, nameOf } from '../api/contents.ts';
import { ContentDistribution } from '../distribution/content-distribution.tsx';
import { Facts } from '../figures/facts.tsx';
import { bytesText } from '../figures/format.ts';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { Panel } from '../layout/panel.tsx';
import { BlockedNotice } from '../rules/blocked-notice.tsx';
import { ContentActions } from './content-actions.tsx';

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
      <>
        <PageHead title={contentId} about="This content is not published (any more)." />
        <ContentDistribution contentId={contentId} />
      </>
    );
  }
  return (
    <>
      <PageHead title={nameOf(data)} about={bytesText(data.ContentLength)}>
        <ContentActions content={data} />
      </PageHead>
      {data.Urls[0] !== undefined && <BlockedNotice url={data.Urls[0]} />}
      <ContentDistribution contentId={contentId} />
      <Panel title="What it is">
        <Facts
          facts={[
            ['Content id', <code key="id">{data.ContentId}</code>],
            ['HashOfHashes', <code key="hash">{data.HashOfHashes}</code>],
            ['Size', `${bytesText(data.ContentLength)} in pieces of ${bytesText(data.PieceSize)}`],
            ['URLs', <Lines key="urls" lines={data.Urls} />],
            [
              'For',
              data.Tenants.length === 0 ? 'all devices' : `tenant ${data.Tenants.join(', ')}`,
            ],
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
