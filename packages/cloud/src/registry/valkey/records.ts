import { hash } from 'node:crypto';
import { entryText } from '../entry-text.ts';
import { siteOf } from '../site.ts';
import { isInGroup } from '../swarm.ts';
import type { SwarmMember } from '../swarm-registry.ts';
import type { Loaded } from './swarm-copies.ts';

/**
 * The number grows with the form of what is kept: clouds of two forms on one store, as in an upgrade, have swarms of
 * their own, which form anew within a join interval.
 */
const prefix = 'sluice:swarm2';
/** The keys of what all members of a swarm said. */
export const memberKeys = `${prefix}{*}m`;

/** All keys of a swarm begin so; whatever is in its id, this is short and harmless. */
export function tagOf(swarmId: string): string {
  return `${prefix}{${hash('sha256', swarmId, 'base64url').slice(0, 22)}}`;
}

/** What a member says, as its record has it from the id on. The fields are numbers, hex digits and addresses: none holds a `|`. */
export function recordOf(member: SwarmMember): string {
  const group = isInGroup(member) ? member.groupKey : '';
  const { peerId, scope, externalIp, localIp = '', port, left, restrictedUpload } = member;
  const site = siteOf(externalIp);
  const place = `${scope}|${site}|${group}|${restrictedUpload ? 1 : 0}|${left === 0 ? 1 : 0}`;
  return `${peerId}|${place}|${externalIp}|${localIp}|${port}|${left}`;
}

/** @param line of `copyScript` @param now of the store, ms */
export function loadedOf(line: string, now: number): Loaded {
  const [till, minute, peerId, scope, , group, restricted, , ...said] = line.split('|') as [
    string,
    string,
    string,
    ...string[],
  ];
  const [externalIp, localIp, port, left, fetches] = said as [string, ...string[]];
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

/** Records that `joinScript` told, as the text of `JoinAnswer`. @param lan how many of the first are on the asker's site */
export function peersOf(records: string[], lan: number, inGroup: boolean): string {
  const entries = records.map((record, i) => {
    const [, , peerId, , , , , , externalIp, localIp, port, left] = record.split('|');
    const type = i < lan ? 'LAN' : inGroup ? 'Group' : 'Internet';
    const ip = (type === 'Internet' ? '' : localIp) || externalIp!;
    return entryText(type, { peerId: peerId!, ip, port: Number(port), left: Number(left) });
  });
  return entries.join(',');
}
