import {
  BandwidthEstimate,
  followsHours,
  isLimited,
  type LimitSettings,
  type TrafficClass,
  uploadLimit,
} from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import { inSubnetOf, type OwnAddress } from '../network/own-address.ts';
import type { Live } from '../policy/live.ts';
import { type Address, type DelayProbe, tcpDelayProbe } from './delay-probe.ts';
import { Throttle } from './throttle.ts';
import { TotalLimit } from './total-limit.ts';
import { TransferRates } from './transfer-rates.ts';
import { UploadPace } from './upload-pace.ts';
import { WatchedPath } from './watched-path.ts';

/** A path that nothing came over for so long is forgotten, ms: what is known of it is old. */
const forgetMs = 600_000;
const hourMs = 3_600_000;

export interface RateControlOptions {
  clock: Clock;
  /** Whose local hours business hours are. */
  today: () => Date;
  settings: Live<LimitSettings>;
  /** The addresses of this device, as they are at the moment. */
  own: () => readonly OwnAddress[];
  probe?: DelayProbe;
}

/** The limits of the device: what is set, and the delay of each path that background work uses. */
export class RateControl {
  readonly #options: RateControlOptions;
  readonly #probe: DelayProbe;
  readonly #paths = new Map<string, WatchedPath>();
  readonly #foreground: TotalLimit;
  readonly #background: TotalLimit;
  readonly #uploads: Throttle;
  readonly #unwatch: () => void;
  #cancelHour: () => void = () => {};

  constructor(options: RateControlOptions) {
    const { clock, settings } = options;
    this.#options = options;
    this.#probe = options.probe ?? tcpDelayProbe(clock);
    const bandwidth = new BandwidthEstimate();
    this.#foreground = new TotalLimit(clock, bandwidth);
    this.#background = new TotalLimit(clock, bandwidth);
    this.#uploads = new Throttle(clock);
    this.#unwatch = settings.watch(() => this.#apply());
    this.#apply();
  }

  /** The limits as one download meets them. @param onYield told, at its end, that it gave way to others. */
  forTransfer(foreground: Live<boolean>, onYield: () => void = () => {}): TransferRates {
    return new TransferRates({
      foreground,
      onYield,
      totals: { foreground: this.#foreground, background: this.#background },
      path: (address) => this.#pathTo(address),
      isOnLink: ({ host }) =>
        this.#options.own().some((own) => !own.tunnel && inSubnetOf(own, host)),
    });
  }

  /**
   * How fast to serve a peer of this class; undefined: as fast as it takes it, which is within the site.
   * @param address where the peer takes connections; undefined while that is not known.
   */
  uploadsTo(to: TrafficClass, address: () => Address | undefined): UploadPace | undefined {
    if (!isLimited(to)) return undefined;
    const path = () => {
      const known = address();
      return known && this.#pathTo(known);
    };
    return new UploadPace({ limit: this.#uploads, path });
  }

  close(): void {
    this.#unwatch();
    this.#cancelHour();
  }

  /** What is set, at this hour; once more at the next hour when that may change it. */
  #apply(): void {
    const { clock, today, settings } = this.#options;
    const { current } = settings;
    const now = today();
    const hour = now.getHours();
    this.#foreground.set(current, { foreground: true, hour });
    this.#background.set(current, { foreground: false, hour });
    this.#uploads.setRate(uploadLimit(current));
    this.#cancelHour();
    if (!followsHours(current)) return;
    const passed = 60_000 * now.getMinutes() + 1_000 * now.getSeconds() + now.getMilliseconds();
    this.#cancelHour = clock.setTimer(hourMs - passed, () => this.#apply());
  }

  #pathTo(address: Address): WatchedPath {
    const { clock } = this.#options;
    const key = `${address.host} ${address.port}`;
    const known = this.#paths.get(key);
    if (known) return known;
    const now = clock.now();
    for (const [other, path] of this.#paths) {
      if (!path.inUse && now - path.lastUsed > forgetMs) this.#paths.delete(other);
    }
    const made = new WatchedPath({ address, clock, probe: this.#probe });
    this.#paths.set(key, made);
    return made;
  }
}
