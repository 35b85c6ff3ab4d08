import type { JoinRequest } from '@sluice/protocol';
import type { SwarmMember } from '../src/registry/swarm-registry.ts';

/** The n-th device: sites of 50, every third one a seed, every fourth in Internet mode. */
export function memberAt(n: number): SwarmMember {
  const site = Math.floor(n / 50);
  return {
    peerId: n.toString(16).padStart(40, '0'),
    externalIp: `198.${18 + (site >> 16)}.${(site >> 8) & 255}.${site & 255}`,
    localIp: `10.0.${(n >> 8) & 255}.${n & 255}`,
    port: 7680,
    left: isSeed(n) ? 0 : 1_000_000,
    scope: n % 4 === 0 ? 3 : 1,
    groupKey: undefined,
  };
}

export function isSeed(n: number): boolean {
  return n % 3 === 0;
}

/** The swarm of the n-th device: whole sites are in one. */
export function swarmAt(n: number, swarms: number): string {
  return `id:content-${Math.floor(n / 50) % swarms}`;
}

/** What a cloud makes of the n-th device's join when that comes over loopback. */
export function loopbackMember(n: number): SwarmMember {
  return { ...memberAt(n), externalIp: '127.0.0.1' };
}

/** The n-th device's join, as it is sent. @param received bytes, by those who load */
export function joinBody(n: number, swarms: number, received = 0): string {
  const member = memberAt(n);
  const request: JoinRequest = {
    ContentId: swarmAt(n, swarms),
    PeerId: member.peerId,
    Port: '7680',
    ReportedIp: member.localIp ?? '',
    IsBackground: '1',
    Uploaded: '0',
    Downloaded: '0',
    DownloadedCdn: '0',
    Left: String(Math.max(0, member.left - received)),
    PeersWanted: '20',
    Scope: String(member.scope),
  };
  return JSON.stringify(request);
}
