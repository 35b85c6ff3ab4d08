import { DecisionLog, type RuleBookEntry, type SourceView } from '@sluice/engine';
import type { DownloadProgress } from '../download/download-progress.ts';
import { missingHelp } from './missing-help.ts';

/** Of ended downloads many are listed: each keeps so many requests, and as many events and sources. */
const keptWhenEnded = 100;

/** The record of why of one download: grows while it runs, bounded, and smaller when it has ended. */
export class DownloadLog {
  readonly decisions = new DecisionLog();
  #ended: { sources: SourceView[]; ruledOut: RuleBookEntry[]; namedPeers: number } | undefined;

  /** Sources that could be asked, those that are gone included. */
  sources({ transfer }: DownloadProgress): SourceView[] {
    return this.#ended?.sources ?? [...(transfer?.sources().all ?? []), ...this.#gone()];
  }

  /** Peers that the array named, at the most. */
  namedPeers({ peersOf }: DownloadProgress): number {
    return this.#ended?.namedPeers ?? peersOf?.mostNamed ?? 0;
  }

  ruledOut(progress: DownloadProgress): RuleBookEntry[] {
    if (this.#ended) return this.#ended.ruledOut;
    return [...progress.findings.ruledOut(), ...missingHelp(progress, this.sources(progress))];
  }

  /** The download has ended: what comes later, while the content is shared, is not about it. */
  end(progress: DownloadProgress): void {
    const ruledOut = this.ruledOut(progress);
    const sources = this.sources(progress)
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, keptWhenEnded);
    this.#ended = { sources, ruledOut, namedPeers: this.namedPeers(progress) };
    this.decisions.trim(keptWhenEnded);
  }

  #gone(): SourceView[] {
    return this.decisions.records().flatMap((r) => {
      if (r.type !== 'gone') return [];
      const { source, asked, pieces, bytes } = r;
      return [{ ...source, state: 'gone', asked, pieces, bytes, pending: 0, rate: 0 } as const];
    });
  }
}
