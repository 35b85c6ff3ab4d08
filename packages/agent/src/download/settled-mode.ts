import { type SettledMode, settleMode } from '@sluice/engine';
import {
  type DownloadModeName,
  DownloadModes,
  type DownloadRequest,
  type PolicySettings,
} from '@sluice/protocol';
import type { DownloadSettings } from '../policy/overlaid.ts';
import type { DownloadContext } from './download.ts';

/** The mode of a download by its request and DODownloadMode, as it is set now. */
export function settledMode({ Mode }: DownloadRequest, settings: DownloadSettings): SettledMode {
  const names = Object.keys(DownloadModes) as DownloadModeName[];
  const asked = names.find((name) => DownloadModes[name] === Mode);
  return settleMode(asked, settings.current.DODownloadMode, settings.binds('DODownloadMode'));
}

/** How a download finds peers. */
export interface PeerScope extends SettledMode {
  /** In mode Group: whose. */
  groupId: string | undefined;
  /** Who set the mode, for people; undefined: the request did, or nobody. */
  setBy: string | undefined;
  /** By which it was settled. */
  plannedWith: PolicySettings;
}

/** The mode and the group. In mode Group without a group: LAN peers, of which there is no harm. */
export async function peerScope(
  request: DownloadRequest,
  { settings, group }: Pick<DownloadContext, 'settings' | 'group'>,
): Promise<PeerScope> {
  const plannedWith = settings.current;
  const settled = { ...settledMode(request, settings), plannedWith };
  const setBy = settled.by === 'setting' ? settings.setBy('DODownloadMode') : undefined;
  if (settled.mode !== 'Group') return { ...settled, groupId: undefined, setBy };
  const groupId = request.GroupId ?? (await group());
  return { ...settled, mode: groupId === undefined ? 'Lan' : 'Group', groupId, setBy };
}
