import { useQuery } from '@tanstack/react-query';
import { askJson } from '../api/client.ts';
import { Tiles } from '../figures/facts.tsx';
import { countText } from '../figures/format.ts';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';

export default function OverviewPage() {
  const health = useQuery({
    queryKey: ['health'],
    queryFn: () => askJson<{ Swarms: number; Peers: number }>('/health'),
    refetchInterval: 5_000,
  });
  return (
    <>
      <PageHead title="Overview" />
      <Fault error={health.error} />
      {health.data && (
        <Tiles
          tiles={[
            { name: 'Swarms now', figure: countText(health.data.Swarms) },
            { name: 'Devices in them', figure: countText(health.data.Peers) },
          ]}
        />
      )}
    </>
  );
}
