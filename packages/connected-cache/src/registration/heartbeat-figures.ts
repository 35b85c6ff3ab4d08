import type { Clock, HeartbeatRequest } from '@sluice/protocol';
import { mbps, type NodeStatus } from '../watch/node-status.ts';

type Figures = Omit<HeartbeatRequest, 'PublicHost' | 'Jobs'>;

/** What a node says of itself with each heartbeat. */
export class HeartbeatFigures {
  readonly #clock: Clock;
  readonly #status: () => NodeStatus;
  readonly #port: number;
  #at: number;
  #egress = 0;

  constructor({ clock }: { clock: Clock }, status: () => NodeStatus, port: number) {
    this.#clock = clock;
    this.#status = status;
    this.#port = port;
    this.#at = clock.now();
  }

  take(): Figures {
    const { State, Stats, Issues } = this.#status();
    const now = this.#clock.now();
    const rate = mbps(Stats.EgressBytes - this.#egress, Math.max(1, now - this.#at));
    this.#at = now;
    this.#egress = Stats.EgressBytes;
    const { HitBytes, MissBytes, SourceBytes, Requests, CacheBytes, ActiveAnswers } = Stats;
    return {
      ...{ Port: this.#port, State, EgressMbps: rate },
      ...{ HitBytes, MissBytes, SourceBytes, Requests, CacheBytes, ActiveAnswers },
      Issues: Issues.map((issue) => ({
        ...issue,
        Subject: issue.Subject.slice(0, 2000),
        Detail: issue.Detail.slice(0, 2000),
      })),
    };
  }
}
