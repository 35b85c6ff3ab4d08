import { Button, Loader } from '@mantine/core';
import type { CacheNodeView } from '@sluice/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { cacheNode, changeNode, removeNode, renewKey } from '../api/cache-nodes.ts';
import { Facts, Tiles } from '../figures/facts.tsx';
import { bytesText, countText, timeText } from '../figures/format.ts';
import { ConfirmButton } from '../forms/confirm-button.tsx';
import { FormDialog } from '../forms/form-dialog.tsx';
import { SecretOnce } from '../forms/secret-once.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { Panel } from '../layout/panel.tsx';
import { goTo, hrefOf } from '../routing/route.ts';
import { useMay } from '../session/session.ts';
import { NodeFields, settingsIn } from './new-node.tsx';
import { NodeIssues } from './node-issues.tsx';
import { efficiencyText, egressText, NodeState } from './node-state.tsx';
import { PreheatPanel } from './preheat-panel.tsx';

export function CacheNodePage({ name }: { name: string }) {
  const { data, error } = useQuery({
    queryKey: ['cache-nodes', name],
    queryFn: () => cacheNode(name),
    refetchInterval: 10_000,
  });
  const may = useMay('operator');
  if (error) return <Fault error={error} />;
  if (!data) return <Loader aria-label="Loading" />;
  return (
    <>
      <PageHead title={name} about={<a href={hrefOf('cache-nodes')}>All cache nodes</a>}>
        <NodeState node={data} />
        {may && <Actions node={data} />}
      </PageHead>
      <Tiles
        tiles={[
          { name: 'Egress', figure: egressText(data), hint: limitText(data) },
          { name: 'From its cache', figure: efficiencyText(data), hint: 'since its start' },
          {
            name: 'Holds',
            figure: data.Heartbeat ? bytesText(data.Heartbeat.CacheBytes) : '–',
          },
          {
            name: 'Requests',
            figure: data.Heartbeat ? countText(data.Heartbeat.Requests) : '–',
            hint: data.Heartbeat ? `${countText(data.Heartbeat.ActiveAnswers)} at the moment` : '',
          },
        ]}
      />
      <NodeIssues node={data} />
      <Panel title="What it is">
        <Facts facts={factsOf(data)} />
      </Panel>
      <PreheatPanel node={data} />
    </>
  );
}

function factsOf(node: CacheNodeView) {
  const { Heartbeat } = node;
  return [
    ['Told to devices', node.IsHandedOut ? 'yes' : 'no'],
    ['Of the networks', node.Cidrs.join(', ') || 'none: set some, or no device hears of it'],
    ['Reached at', node.PublicHost ?? '–'],
    ['Last heard', timeText(node.LastHeartbeat)],
    [
      'Drives',
      node.Drives.map((d) => `${d.Path} ${d.SizeInGb} GB`).join(', ') || 'its own default',
    ],
    ['From sources', Heartbeat ? bytesText(Heartbeat.SourceBytes) : '–'],
    ['To devices', Heartbeat ? bytesText(Heartbeat.HitBytes + Heartbeat.MissBytes) : '–'],
    ['Id', node.CacheNodeId],
  ] as const;
}

function limitText({ MaxAllowableEgressInMbps }: CacheNodeView): string {
  return MaxAllowableEgressInMbps === null ? 'no limit' : `of ${MaxAllowableEgressInMbps} Mbit/s`;
}

function Actions({ node }: { node: CacheNodeView }) {
  const [editing, setEditing] = useState(false);
  const [key, setKey] = useState<string>();
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setEditing(true)}>
        Change
      </Button>
      <ConfirmButton
        name={node.IsEnabled ? 'Disable' : 'Enable'}
        question={`${node.IsEnabled ? 'Disable' : 'Enable'} ${node.Name}?`}
        send={() => changeNode(node.Name, { IsEnabled: !node.IsEnabled })}
      >
        {node.IsEnabled ? 'Devices are told of it no more.' : 'Devices are told of it again.'}
      </ConfirmButton>
      <Button
        variant="default"
        size="xs"
        onClick={async () => setKey((await renewKey(node.Name)).RegistrationKey)}
      >
        New key
      </Button>
      <ConfirmButton
        name="Remove"
        question={`Remove ${node.Name}?`}
        send={() => removeNode(node.Name)}
        onDone={() => goTo('cache-nodes')}
      >
        The cloud forgets it. What it holds stays on its disk.
      </ConfirmButton>
      <FormDialog
        title={`Change ${node.Name}`}
        action="Save"
        opened={editing}
        onClose={() => setEditing(false)}
        send={(form) => changeNode(node.Name, settingsIn(form))}
      >
        <NodeFields node={node} />
      </FormDialog>
      <SecretOnce title="Registration key" secret={key} onClose={() => setKey(undefined)}>
        It registers the node once. The key it has by now holds until then.
      </SecretOnce>
    </>
  );
}
