import {
  type BandwidthEstimate,
  downloadLimit,
  type LimitMoment,
  type LimitSettings,
  needsBandwidth,
} from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import { Throttle } from './throttle.ts';
import type { TotalGate } from './transfer-rates.ts';

/** The limit of all downloads of one priority together, as it is set at the moment. */
export class TotalLimit implements TotalGate {
  readonly window = Number.POSITIVE_INFINITY;
  readonly #clock: Clock;
  readonly #bandwidth: BandwidthEstimate;
  readonly #limiting: Throttle;
  #settings: LimitSettings = {};
  #moment: LimitMoment = { foreground: false, hour: 0 };
  #needsBandwidth = false;
  #rate = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, bandwidth: BandwidthEstimate) {
    this.#clock = clock;
    this.#bandwidth = bandwidth;
    this.#limiting = new Throttle(clock);
  }

  get throttle(): Throttle | undefined {
    return this.#limiting.isOpen ? undefined : this.#limiting;
  }

  get isIdle(): boolean {
    return !this.#needsBandwidth && this.#limiting.isOpen;
  }

  /** Holds for what is under way, too. */
  set(settings: LimitSettings, moment: LimitMoment): void {
    this.#settings = settings;
    this.#moment = moment;
    this.#needsBandwidth = needsBandwidth(settings, moment);
    this.#adjust();
  }

  received(bytes: number): void {
    if (!this.#needsBandwidth) return;
    this.#bandwidth.received(bytes, this.#clock.now());
    this.#adjust();
  }

  #adjust(): void {
    const bandwidth = this.#bandwidth;
    const isUnknown = !this.#needsBandwidth || bandwidth.isMeasuring(this.#clock.now());
    const measured = isUnknown ? undefined : bandwidth.rate;
    const rate = downloadLimit(this.#settings, this.#moment, measured);
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.#limiting.setRate(rate);
  }
}
