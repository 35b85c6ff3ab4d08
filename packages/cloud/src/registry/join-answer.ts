import type { JoinReply } from '@sluice/protocol';
import { joinRules, keepAlive } from './join-interval.ts';

/**
 * What a member is told, as the text that is sent: put together of what is kept as text of each member, so that no
 * object is made for each peer and nothing serialised. Who wants them reads them from it.
 */
export class JoinAnswer implements JoinReply {
  /** The reply as JSON. ASCII. */
  readonly text: string;
  readonly NextJoinTimeIntervalInMs: number;
  readonly KeepAliveMs: number;
  readonly FetchesForSite: boolean;

  /** @param peers entries as `entryText` makes them, with commas between. @param intervalMs when to come back */
  constructor(peers: string, intervalMs: number, fetchesForSite = true) {
    this.NextJoinTimeIntervalInMs = intervalMs;
    this.KeepAliveMs = keepAlive(intervalMs);
    this.FetchesForSite = fetchesForSite;
    const more = fetchesForSite ? '' : ',"FetchesForSite":false';
    this.text = `{"Peers":[${peers}],"NextJoinTimeIntervalInMs":${intervalMs},"KeepAliveMs":${this.KeepAliveMs}${more}}`;
  }

  get Peers(): JoinReply['Peers'] {
    return JSON.parse(this.text).Peers;
  }

  /** The text, with the key that proofs of peers are signed with. */
  withKey(keyId: string | undefined): string {
    if (keyId === undefined) return this.text;
    return `${this.text.slice(0, -1)},"PeerKeyId":${JSON.stringify(keyId)}}`;
  }
}

/** What a member is told that has no part in the swarm: nobody, and to ask seldom. */
export function emptyAnswer(): JoinAnswer {
  return new JoinAnswer('', joinRules.usualInterval);
}
