import { hash } from 'node:crypto';
import type { PeerEntry } from '@sluice/protocol';
import { siteOf } from '../site.ts';
import { isInGroup } from '../swarm.ts';
import type { SwarmMember } from '../swarm-registry.ts';
import type { Loaded } from './swarm-copies.ts';

/** All keys of a swarm begin so; whatever is in its id, this is short and harmless. */
export function tagOf(swarmId: string): string {
  return `sluice:{${hash('sha256', swarmId, 'base64url').slice(0, 22)}}`;
}

/** What a member says, without the minute. The fields are numbers, hex digits and addresses: none holds a `|`. */
export function recordOf(member: SwarmMember): string {
  const group = isInGroup(member) ? member.groupKey : '';
  const { peerId, scope, externalIp, localIp = '', port, left, restrictedUpload } = member;
  const site = siteOf(externalIp);
  return `${peerId}|${scope}|${site}|${group}|${externalIp}|${localIp}|${port}|${left}|${restrictedUpload ? 1 : 0}`;
}

/** @param line of `copyScript` @param now of the store, ms */
export function loadedOf(line: string, now: number): Loaded {
  const [
    peerId,
    scope,
    ,
    group,
    externalIp,
    localIp,
    port,
    left,
    restricted,
    minute,
    till,
    fetches,
  ] = line.split('|') as [string, string, string, string, string, string, ...string[]];
  return {
    facts: {
      ...{ peerId, externalIp, localIp: localIp || undefined, groupKey: group || undefined },
      ...{ scope: Number(scope), port: Number(port), left: Number(left) },
      restrictedUpload: restricted === '1',
    },
    fetches: fetches === '1',
    expiresInMs: Number(till) - now,
    prolongedAgoMs: now - 60_000 * Number(minute),
  };
}

/** Records that `joinScript` told. @param lan how many of the first are on the asker's site */
export function peersOf(records: string[], lan: number, inGroup: boolean): PeerEntry[] {
  return records.map((record, i) => {
    const [PeerId, , , , externalIp, localIp, port, left] = record.split('|');
    const Type = i < lan ? 'LAN' : inGroup ? 'Group' : 'Internet';
    const Ip = (Type === 'Internet' ? '' : localIp) || externalIp!;
    return { PeerId: PeerId!, Ip, Port: Number(port), Type, Left: Number(left) };
  });
}
