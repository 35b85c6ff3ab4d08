import { randomBytes } from 'node:crypto';
import { type Clock, type GeoReply, type KeyValueReply, sluiceError } from '@sluice/protocol';
import { deadline } from '../clock/deadline.ts';
import { unlessAborted } from '../clock/unless-aborted.ts';
import { acceptedBody } from '../identity/identity-client.ts';
import type { BootstrapFile } from './bootstrap-file.ts';
import { type JsonClient, unreachable } from './json-client.ts';
import { withQuery } from './with-query.ts';

/** Where the services are is asked anew after this long. */
const maxAgeMs = 3_600_000;
const timeoutMs = 10_000;

export interface Bootstrap {
  keyValue: KeyValueReply;
  cacheHost: string | undefined;
  cacheHostFlag: number | undefined;
}

/** What of it holds wherever the device is: cache hosts are those of a network, and the next process may be in another. */
export type KeptServices = Pick<Bootstrap, 'keyValue'>;

interface BootstrapOptions {
  cloudUrl: string;
  clock: Clock;
  version: string;
  /** Settings that are rolled out to a part of the devices depend on it. */
  deviceId?: string | undefined;
  /** Told each answer of the key-value service: settings are among it. */
  onSettings?: ((reply: KeyValueReply, cloudUrl: string) => void) | undefined;
  /** What is told is kept there for the next process. */
  file?: Pick<BootstrapFile, 'read' | 'write' | 'settled'> | undefined;
  ask: JsonClient['ask'];
  /** When the client ends. */
  closing: AbortSignal;
}

/** Where the services of a cloud are, by its geo and key-value services (wire.md §3.1-3.2). */
export class CloudBootstrap {
  readonly #options: BootstrapOptions;
  #known: { at: number; bootstrap: Bootstrap } | undefined;
  #asking: Promise<Bootstrap> | undefined;
  #restored: Promise<void> | undefined;
  /** What an earlier process was told. */
  #kept: Bootstrap | undefined;
  /** The cloud has done so: a reply without a nonce is not its own. */
  #echoesNonce = false;

  constructor(options: BootstrapOptions) {
    this.#options = options;
  }

  /** What was told last, however long ago. */
  get known(): Bootstrap | undefined {
    return this.#known?.bootstrap;
  }

  /**
   * Geo, then key-value; kept for an hour, and longer while nothing newer can be had.
   * @throws ServiceUnreachable, ServiceRefused, ServiceInvalidReply
   */
  async get(signal: AbortSignal): Promise<Bootstrap> {
    const { clock, cloudUrl } = this.#options;
    this.#restored ??= this.#restore();
    await this.#restored;
    const known = this.#known;
    if (known && clock.now() - known.at <= maxAgeMs) return known.bootstrap;
    // One question for all who wait: who gives up waiting must not end it for the others.
    this.#asking ??= this.#ask();
    try {
      return await unlessAborted(this.#asking, signal);
    } catch (error) {
      if (known) return known.bootstrap;
      throw signal.aborted ? unreachable('geo', cloudUrl, signal.reason) : error;
    }
  }

  /** Asks a service; what an earlier process was told may lead to an error, then once more where it is now. */
  async with<T>(signal: AbortSignal, ask: (bootstrap: Bootstrap) => Promise<T>): Promise<T> {
    const known = await this.get(signal);
    try {
      return await ask(known);
    } catch (error) {
      const now = await this.#insteadOf(known, signal);
      if (!now) throw error;
      return ask(now);
    }
  }

  /**
   * What the cloud tells now, where `used` is what an earlier process was told.
   * @returns undefined when it tells the same, or nothing.
   */
  async #insteadOf(used: Bootstrap, signal: AbortSignal): Promise<Bootstrap | undefined> {
    if (used !== this.#kept) return undefined;
    try {
      if (this.#asking) await unlessAborted(this.#asking, signal);
    } catch {
      // Then nothing is known but what led to the error, which is told.
    }
    const now = this.#known?.bootstrap;
    const isSame = JSON.stringify(now?.keyValue) === JSON.stringify(used.keyValue);
    return isSame ? undefined : now;
  }

  /** As `get`, with cache hosts of the network that the device is in now. */
  async here(signal: AbortSignal): Promise<Bootstrap> {
    const known = await this.get(signal);
    if (known !== this.#kept || !this.#asking) return known;
    return unlessAborted(this.#asking, signal).catch(() => known);
  }

  /** Resolves when nothing is asked any more, and what was told is on disk. */
  async settled(): Promise<void> {
    await this.#restored;
    await this.#asking?.catch(() => {
      // Those who wait for it are told.
    });
    await this.#options.file?.settled();
  }

  /** What an earlier process was told serves at once, while it is asked for anew. */
  async #restore(): Promise<void> {
    const { clock, cloudUrl, file, onSettings } = this.#options;
    const kept = await file?.read();
    if (!kept || kept.ageMs < 0 || kept.ageMs > maxAgeMs) return;
    const { ageMs } = kept;
    const { keyValue } = kept.bootstrap;
    const bootstrap = { keyValue, cacheHost: undefined, cacheHostFlag: undefined };
    this.#kept = bootstrap;
    this.#known = { at: clock.now() - ageMs, bootstrap };
    onSettings?.(bootstrap.keyValue, cloudUrl);
    this.#asking = this.#ask();
  }

  #ask(): Promise<Bootstrap> {
    const { clock, cloudUrl, file, onSettings } = this.#options;
    const asked = this.#fetch();
    asked
      .then((bootstrap) => {
        this.#known = { at: clock.now(), bootstrap };
        onSettings?.(bootstrap.keyValue, cloudUrl);
        void file?.write({ keyValue: bootstrap.keyValue });
      })
      .catch(() => {
        // Those who wait for it are told.
      })
      .finally(() => {
        this.#asking = undefined;
      });
    return asked;
  }

  async #fetch(): Promise<Bootstrap> {
    const { clock, cloudUrl, version, deviceId, ask, closing } = this.#options;
    using limit = deadline(clock, timeoutMs, closing);
    const { signal } = limit;
    const query = { doClientVersion: version, ...(deviceId !== undefined && { deviceId }) };
    const nonce = randomBytes(16).toString('base64url');
    const geoUrl = withQuery(`${cloudUrl}/geo`, { ...query, nonce });
    const [geoReply, { parseGeoReply, parseKeyValueReply }] = await Promise.all([
      ask('geo', geoUrl, { signal }),
      import('@sluice/protocol/schemas'),
    ]);
    const geo = parseGeoReply(await acceptedBody('geo', geoReply));
    this.#checkNonce(geo, nonce);
    const keyValue = async () => {
      const url = withQuery(geo.KeyValue_EndpointFullUri, query);
      return acceptedBody('key-value', await ask('key-value', url, { signal }));
    };
    return {
      keyValue: parseKeyValueReply(geo.KeyValue ?? (await keyValue())),
      cacheHost: geo.CacheHost,
      cacheHostFlag: geo.CacheHostFlag,
    };
  }

  /**
   * A captive portal, or a cache on the way, may answer like a cloud: what is no answer to this very question
   * does not count. Clouds that do not know of it say no nonce.
   */
  #checkNonce({ Nonce, EchoesNonce = false }: GeoReply, asked: string): void {
    if (Nonce === asked) this.#echoesNonce = true;
    else if (Nonce !== undefined || EchoesNonce || this.#echoesNonce) {
      const detail = 'it answers another question: something between has kept or made it';
      throw sluiceError('ServiceInvalidReply', { service: 'geo', detail });
    }
  }
}
