import { Badge } from '@mantine/core';
import type { CacheNodeView } from '@sluice/protocol';
import { percentText } from '../figures/format.ts';

const colours: Record<CacheNodeView['State'], string> = {
  'Not configured': 'gray',
  'Not provisioned': 'gray',
  'Never phoned home': 'yellow',
  Healthy: 'green',
  Unhealthy: 'red',
};

export function NodeState({ node }: { node: CacheNodeView }) {
  return (
    <Badge variant="light" color={colours[node.State]} tt="none">
      {node.State}
    </Badge>
  );
}

/** Of what it sent, what it had already. */
export function efficiencyText({ Heartbeat }: CacheNodeView): string {
  if (!Heartbeat) return '–';
  return percentText(Heartbeat.HitBytes, Heartbeat.HitBytes + Heartbeat.MissBytes);
}

export function egressText({ Heartbeat }: CacheNodeView): string {
  return Heartbeat ? `${Heartbeat.EgressMbps.toFixed(1)} Mbit/s` : '–';
}

/** What is wrong with it now. */
export function openIssues({ Heartbeat }: CacheNodeView) {
  return Heartbeat?.Issues.filter((issue) => issue.EndTime === null) ?? [];
}
