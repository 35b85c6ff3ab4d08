import type { CacheNodeState, CacheNodeView, HeartbeatRequest } from '@sluice/protocol';
import type { CacheNodeTables } from './tables.ts';

/** Between heartbeats, and after how many that failed to come a node is not handed out, ms. */
export const heartbeatSeconds = 60;
const freshMs = 3 * heartbeatSeconds * 1000;
/** A node that was heard within this is healthy, as the portal has it. */
const healthyMs = 24 * 3_600_000;

export function nodeView(row: CacheNodeTables['cache_node'], now: number): CacheNodeView {
  const age = row.heartbeat_at === null ? Number.POSITIVE_INFINITY : now - row.heartbeat_at;
  const heartbeat = row.heartbeat === null ? null : JSON.parse(row.heartbeat);
  const isEnabled = row.enabled === 1;
  return {
    Name: row.name,
    CacheNodeId: row.node_id,
    State: stateOf(row, age, heartbeat),
    IsHandedOut: isEnabled && age < freshMs && row.public_host !== null,
    Cidrs: JSON.parse(row.cidrs),
    MaxAllowableEgressInMbps: row.max_egress_mbps,
    IsEnabled: isEnabled,
    Drives: JSON.parse(row.drives),
    PublicHost: row.public_host,
    LastHeartbeat: row.heartbeat_at === null ? null : new Date(row.heartbeat_at).toISOString(),
    Heartbeat: heartbeat,
  };
}

function stateOf(
  row: CacheNodeTables['cache_node'],
  age: number,
  heartbeat: HeartbeatRequest | null,
): CacheNodeState {
  if (row.node_key === null) return row.cidrs === '[]' ? 'Not configured' : 'Not provisioned';
  if (!heartbeat) return 'Never phoned home';
  return age < healthyMs && heartbeat.State === 'Healthy' ? 'Healthy' : 'Unhealthy';
}
