import type { Clock, KeyValueReply } from '@sluice/protocol';
import { deadline } from '../clock/deadline.ts';
import { unlessAborted } from '../clock/unless-aborted.ts';
import { acceptedBody } from '../identity/identity-client.ts';
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

interface BootstrapOptions {
  cloudUrl: string;
  clock: Clock;
  version: string;
  /** Settings that are rolled out to a part of the devices depend on it. */
  deviceId?: string | undefined;
  /** Told each answer of the key-value service: settings are among it. */
  onSettings?: ((reply: KeyValueReply, cloudUrl: string) => void) | undefined;
  ask: JsonClient['ask'];
  /** When the client ends. */
  closing: AbortSignal;
}

/** Where the services of a cloud are, by its geo and key-value services (wire.md §3.1-3.2). */
export class CloudBootstrap {
  readonly #options: BootstrapOptions;
  #known: { at: number; bootstrap: Bootstrap } | undefined;
  #asking: Promise<Bootstrap> | undefined;

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

  #ask(): Promise<Bootstrap> {
    const { clock, cloudUrl, onSettings } = this.#options;
    const asked = this.#fetch();
    asked
      .then((bootstrap) => {
        this.#known = { at: clock.now(), bootstrap };
        onSettings?.(bootstrap.keyValue, cloudUrl);
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
    const [geoReply, { parseGeoReply, parseKeyValueReply }] = await Promise.all([
      ask('geo', withQuery(`${cloudUrl}/geo`, query), { signal }),
      import('@sluice/protocol/schemas'),
    ]);
    const geo = parseGeoReply(await acceptedBody('geo', geoReply));
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
}
