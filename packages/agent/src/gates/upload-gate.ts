import {
  type GateSettings,
  type HostFacts,
  modeOfSetting,
  type PeerClass,
  peerClasses,
  type Refusal,
  uploadRefusals,
} from '@sluice/engine';
import type { PolicySettings } from '@sluice/protocol';
import type { Usage } from '../accounting/usage.ts';
import type { HostWatch } from '../host/host-watch.ts';
import type { Live } from '../policy/live.ts';
import type { UploadPermit } from '../swarm/upload-permit.ts';

/** A verdict this old was not asked for meanwhile, ms: the device may be another one now. */
const forgottenMs = 60_000;

/** The settings as they are now, and whether the mode among them has the last word. */
export type UploadSettings = Live<GateSettings & Pick<PolicySettings, 'DODownloadMode'>> & {
  binds(name: 'DODownloadMode'): boolean;
};

type Verdict = Record<PeerClass, Refusal[]>;

/** Whom the device may upload to, by its settings, what it is at the moment, and what it sent this month. */
export class UploadGate implements UploadPermit {
  readonly #settings: UploadSettings;
  readonly #host: HostWatch;
  readonly #usage: Usage;
  readonly #watchers = new Set<() => void>();
  readonly #unwatch: () => void;
  #facts: HostFacts | undefined;
  #verdict: Verdict | undefined;
  /** Somebody was told no for want of facts. */
  #owesNews = false;

  constructor(settings: UploadSettings, host: HostWatch, usage: Usage) {
    this.#settings = settings;
    this.#unwatch = settings.watch(() => {
      if (this.#facts) this.#judge(this.#facts);
    });
    this.#host = host;
    this.#usage = usage;
  }

  allows(peerClass: PeerClass): boolean {
    if (this.#host.isStale) this.settled();
    const { last, ageMs } = this.#host;
    if (!last || ageMs >= forgottenMs) {
      this.#owesNews = true;
      return false;
    }
    // A download may have looked.
    if (last !== this.#facts) this.#judge(last);
    return this.refusals(peerClass).length === 0;
  }

  /** Why peers of this class may not get from us, as far as it is known. */
  refusals(peerClass: PeerClass): readonly Refusal[] {
    return this.#verdict?.[peerClass] ?? [];
  }

  async settled(): Promise<void> {
    const facts = await this.#host.facts();
    if (facts !== this.#facts || this.#owesNews) this.#judge(facts);
  }

  sent(peerClass: PeerClass, bytes: number): void {
    this.#usage.sent(peerClass, bytes);
    if (peerClass !== 'Internet') return;
    if (this.#facts && this.refusals('Internet').length === 0) this.#judge(this.#facts);
  }

  watch(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  /** Follows the settings no more. */
  close(): void {
    this.#unwatch();
  }

  #judge(host: HostFacts): void {
    const before = this.#verdict;
    const sentThisMonth = this.#usage.month.Up.Internet;
    const settings = this.#settings.current;
    // The mode and the size of a content are looked at before it is shared at all; what binds counts later, too.
    const isBound = this.#settings.binds('DODownloadMode');
    const mode = isBound ? modeOfSetting(settings.DODownloadMode) : 'Internet';
    const ask = (peerClass: PeerClass) =>
      uploadRefusals({ settings, host, mode, peerClass, sentThisMonth });
    const verdict = Object.fromEntries(peerClasses.map((c) => [c, ask(c)])) as Verdict;
    this.#facts = host;
    this.#verdict = verdict;
    const isNew = peerClasses.some((c) => (before?.[c].length === 0) !== (verdict[c].length === 0));
    if (!isNew && !this.#owesNews) return;
    this.#owesNews = false;
    for (const fn of this.#watchers) fn();
  }
}
