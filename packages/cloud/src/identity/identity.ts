import type { Clock } from '@sluice/protocol';
import type { Database } from '../database/database.ts';
import { ContentTenants } from './content-tenants.ts';
import { Devices, peerKind } from './devices.ts';
import { Enrolments } from './enrolments.ts';
import { PeerIds } from './peer-ids.ts';
import { SessionTokens } from './session-tokens.ts';
import { Sessions } from './sessions.ts';
import { SharedState } from './shared-state.ts';
import { type IdentityTables, migrations } from './tables.ts';

/** Who the devices of a cloud are. */
export interface Identity {
  cloudName: string;
  state: SharedState;
  enrolments: Enrolments;
  devices: Devices;
  sessions: Sessions;
  tokens: SessionTokens;
  peerIds: PeerIds;
  contentTenants: ContentTenants;
  /** The key by which the devices of a tenant prove it now. */
  peerKeyId(tenant: string): string | undefined;
}

/** @throws as `Database.tables` */
export async function openIdentity(
  database: Database,
  clock: Clock,
  wallTime: () => number,
): Promise<Identity> {
  const db = await database.tables<IdentityTables>({ name: 'identity', migrations });
  const state = new SharedState(db, clock, wallTime);
  const cloudName = await state.cloudName();
  const enrolments = new Enrolments(db, wallTime);
  const devices = new Devices({ db, state, enrolments, wallTime, cloudName });
  const tokens = new SessionTokens(state, wallTime);
  return {
    cloudName,
    state,
    enrolments,
    devices,
    sessions: new Sessions({ db, state, devices, tokens, clock, wallTime, cloudName }),
    tokens,
    peerIds: new PeerIds(db, clock, wallTime),
    contentTenants: new ContentTenants(db),
    peerKeyId: (tenant) => state.keys(peerKind(tenant))[0]?.id,
  };
}
