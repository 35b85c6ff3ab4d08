import {
  BandwidthEstimate,
  downloadLimit,
  isLimited,
  type LimitSettings,
  needsBandwidth,
  type TrafficClass,
  uploadLimit,
} from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import { checkLimits } from './check-limits.ts';
import { type Address, type DelayProbe, tcpDelayProbe } from './delay-probe.ts';
import { Throttle } from './throttle.ts';
import type { Gate } from './throttled-sink.ts';
import { TransferRates } from './transfer-rates.ts';
import { UploadPace } from './upload-pace.ts';
import { WatchedPath } from './watched-path.ts';

const noLimit = Number.POSITIVE_INFINITY;

/** A path that nothing came over for so long is forgotten, ms: what is known of it is old. */
const forgetMs = 600_000;

/** The limits of the device: what is set, and the delay of each path that background work uses. */
export class RateControl {
  readonly #clock: Clock;
  readonly #settings: LimitSettings;
  readonly #probe: DelayProbe;
  readonly #paths = new Map<string, WatchedPath>();
  readonly #foreground: Gate | undefined;
  readonly #background: Gate | undefined;
  readonly #uploads: Throttle | undefined;

  /** @throws InvalidArgument */
  constructor(clock: Clock, settings: LimitSettings = {}, probe = tcpDelayProbe(clock)) {
    checkLimits(settings);
    this.#clock = clock;
    this.#settings = settings;
    this.#probe = probe;
    const bandwidth = new BandwidthEstimate();
    this.#foreground = this.#totalOf(true, bandwidth);
    this.#background = this.#totalOf(false, bandwidth);
    const upload = uploadLimit(settings);
    if (Number.isFinite(upload)) this.#uploads = new Throttle(clock, upload);
  }

  /** The limits as one download meets them. */
  forTransfer(foreground: boolean): TransferRates {
    return new TransferRates({
      foreground,
      total: foreground ? this.#foreground : this.#background,
      path: (address) => this.#pathTo(address),
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

  /** The limit of all downloads of one priority together. */
  #totalOf(foreground: boolean, bandwidth: BandwidthEstimate): Gate | undefined {
    const clock = this.#clock;
    const settings = this.#settings;
    if (!needsBandwidth(settings, foreground)) {
      const rate = downloadLimit(settings, foreground, undefined);
      if (!Number.isFinite(rate)) return undefined;
      return { throttle: new Throttle(clock, rate), window: noLimit, received: () => {} };
    }
    const limit = (now: number) =>
      downloadLimit(settings, foreground, bandwidth.isMeasuring(now) ? undefined : bandwidth.rate);
    let rate = limit(clock.now());
    const throttle = new Throttle(clock, rate);
    const received = (bytes: number) => {
      const now = clock.now();
      bandwidth.received(bytes, now);
      const next = limit(now);
      if (next !== rate) throttle.setRate(next);
      rate = next;
    };
    return { throttle, window: noLimit, received };
  }

  #pathTo(address: Address): WatchedPath {
    const key = `${address.host} ${address.port}`;
    const known = this.#paths.get(key);
    if (known) return known;
    const now = this.#clock.now();
    for (const [other, path] of this.#paths) {
      if (!path.inUse && now - path.lastUsed > forgetMs) this.#paths.delete(other);
    }
    const made = new WatchedPath({ address, clock: this.#clock, probe: this.#probe });
    this.#paths.set(key, made);
    return made;
  }
}
