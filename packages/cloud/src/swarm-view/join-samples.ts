import type { JoinRequest } from '@sluice/protocol';
import { siteOf } from '../registry/site.ts';
import type { SwarmMember } from '../registry/swarm-registry.ts';

/** What a device said of its download at one of its joins. Byte counts begin with the download. */
export interface JoinSample {
  peerId: string;
  /** ms since 1970 */
  at: number;
  /** `siteOf` its address. */
  site: string;
  /** The download mode. */
  scope: number;
  background: boolean;
  /** Bytes still missing. */
  left: number;
  fromHttp: number;
  fromCache: number;
  fromPeers: number;
  uploaded: number;
}

/** The last that a device said, and what it had said before: between them lies how fast it goes. */
export interface DeviceSamples {
  latest: JoinSample;
  before: JoinSample | undefined;
}

/**
 * Bounds of what is kept for people to look at: it is a view, and never what decides. Of more, those that came first
 * are kept until they are gone.
 */
export const sampleLimits = {
  /** Contents of a tenant. */
  swarms: 200,
  /** Devices of a content. */
  devices: 400,
  /** A device that was not heard of for so long is gone, ms: the longest KeepAliveMs. */
  ageMs: 150_000,
} as const;

/** What devices said at their latest joins, for the swarm view. Every implementation passes `joinSamplesContract`. */
export interface JoinSamples {
  /**
   * Takes note at once; others may see it a second later. Never rejects: a join must not wait for it.
   * @param said is asked only where it is kept
   */
  note(tenant: string, contentId: string, peerId: string, said: () => JoinSample): void;
  /** A device has left. */
  forget(tenant: string, contentId: string, peerId: string): void;
  /** Contents that were joined lately, the latest first. */
  contents(tenant: string): Promise<{ contentId: string; at: number }[]>;
  /** What is asked for is kept from then on, in the place of what was joined longest ago. */
  devices(tenant: string, contentId: string): Promise<DeviceSamples[]>;
  close(): Promise<void>;
}

/** @param member as the registry got it from the same request. @param at ms since 1970 */
export function sampleOf(request: JoinRequest, member: SwarmMember, at: number): JoinSample {
  const fromCache = Number(request.DownloadedDoinc || 0);
  const fromHttp = Number(request.DownloadedCdn || 0);
  const all = Number(request.Downloaded || 0);
  return {
    peerId: member.peerId,
    at: Math.round(at),
    site: siteOf(member.externalIp),
    scope: member.scope,
    background: request.IsBackground === '1',
    left: member.left,
    fromHttp,
    fromCache,
    fromPeers: Math.max(0, all - fromHttp - fromCache),
    uploaded: Number(request.Uploaded || 0),
  };
}
