import { join } from 'node:path';
import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import { ConfigFile } from './config-file.ts';

/** The configuration of Microsoft's agent (do-client-contract.md §7). */
export class DoConfig {
  readonly #admin: ConfigFile;
  readonly #sdk: ConfigFile;

  /** @param folder of `admin-config.json` and `sdk-config.json`. */
  constructor(folder: string, clock: Clock, logger: Logger) {
    this.#admin = new ConfigFile(join(folder, 'admin-config.json'), clock, logger);
    this.#sdk = new ConfigFile(join(folder, 'sdk-config.json'), clock, logger);
  }

  /** '' = the administrator wants none; undefined = none is named. */
  cacheHost(): string | undefined {
    const { DOCacheHost: host } = this.#admin.values();
    if (typeof host === 'string') return host;
    const { ADUC_IoTConnectionString: text } = this.#sdk.values();
    if (typeof text !== 'string') return undefined;
    return /GatewayHostName=([^;]*)/i.exec(text)?.[1] || undefined;
  }

  /** Seconds; -1 = never; undefined = at once. */
  fallbackSecs(): number | undefined {
    const values = this.#admin.values();
    return (
      integer(values.DODelayCacheServerFallbackBackground) ??
      integer(values.DODelayCacheServerFallbackForeground)
    );
  }

  /** Whether only this device's loopback addresses may call. */
  validatesRemoteAddress(): boolean {
    return this.#admin.values().RestControllerValidateRemoteAddr !== false;
  }

  reload(): void {
    this.#admin.reload();
  }
}

function integer(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
  return Number.isInteger(number) ? (number as number) : undefined;
}
