import { type HeartbeatReply, type HeartbeatRequest, isSluiceError } from '@sluice/protocol';
import type { Preheater } from '../preheat/preheater.ts';

type Reports = HeartbeatRequest['Jobs'];

/** The preheating jobs that the cloud gave, until it has heard of their end. */
export class CloudJobs {
  readonly #preheater: Preheater;
  readonly #ids = new Set<string>();

  constructor(preheater: Preheater) {
    this.#preheater = preheater;
  }

  /** What the next heartbeat says of them. */
  reports(): Reports {
    return [...this.#ids].flatMap((id) => {
      const report = this.#preheater.find(id)?.report();
      return report ? [report] : [];
    });
  }

  /** The cloud has taken these reports. */
  told(reports: Reports): void {
    for (const { Id, State } of reports) if (State === 'Ended') this.#ids.delete(Id);
  }

  take({ Jobs, Cancel }: Pick<HeartbeatReply, 'Jobs' | 'Cancel'>): void {
    for (const id of Cancel) if (this.#ids.has(id)) this.#preheater.find(id)?.cancel();
    for (const { Id, Urls, Rate } of Jobs) {
      if (this.#ids.has(Id)) continue;
      try {
        this.#preheater.begin({ Urls, Rate: Rate ?? undefined }, Id);
        this.#ids.add(Id);
      } catch (error) {
        // Busy, or closing: the cloud hears nothing of the job and gives it again.
        if (!isSluiceError(error)) throw error;
      }
    }
  }
}
