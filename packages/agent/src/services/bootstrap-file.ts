import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { readJsonObject } from '../policy/read-bounded.ts';
import { writeAtomically } from '../store/index.ts';
import type { KeptServices } from './cloud-bootstrap.ts';

export interface KeptBootstrap {
  bootstrap: KeptServices;
  /** Since the cloud told it. */
  ageMs: number;
}

interface BootstrapFileOptions {
  path: string;
  cloudUrl: string;
  version: string;
  /** ms since 1970 */
  now: () => number;
  logger: Logger;
}

/** What the text tells. */
interface Told {
  CloudUrl: string;
  /** Of Sluice: another version may want other things of the answers. */
  Version: string;
  /** ms since 1970 */
  At: number;
  Bootstrap: KeptServices;
}

/** Where the services of the cloud are, on disk for the next process. It costs two round trips at most if it is lost. */
export class BootstrapFile {
  readonly #options: BootstrapFileOptions;
  #written: Promise<void> = Promise.resolve();

  constructor(options: BootstrapFileOptions) {
    this.#options = options;
  }

  /**
   * Undefined: there is none of this cloud and this version, or it is damaged. The digest says that it is what
   * was written, which was checked when it came: so what checks it, a large library, need not be loaded first.
   */
  async read(): Promise<KeptBootstrap | undefined> {
    const { path, cloudUrl, version, now, logger } = this.#options;
    try {
      const file = await readJsonObject(path);
      if (file === undefined) return undefined;
      const { Text: text, Sha256: digest } = file;
      if (typeof text !== 'string' || digestOf(text) !== digest) throw new Error('it is damaged');
      const told: Told = JSON.parse(text);
      if (told.CloudUrl !== cloudUrl || told.Version !== version) return undefined;
      return { bootstrap: told.Bootstrap, ageMs: now() - told.At };
    } catch (err) {
      logger.info({ err, path }, 'where the services are is not known from earlier');
      return undefined;
    }
  }

  /** Never rejects: without it the next process asks. */
  write(bootstrap: KeptServices): Promise<void> {
    const { path, cloudUrl, version, now, logger } = this.#options;
    const told: Told = { CloudUrl: cloudUrl, Version: version, At: now(), Bootstrap: bootstrap };
    const text = JSON.stringify(told);
    this.#written = this.#written.then(async () => {
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeAtomically(path, JSON.stringify({ Sha256: digestOf(text), Text: text }));
      } catch (err) {
        logger.info({ err, path }, 'where the services are cannot be kept');
      }
    });
    return this.#written;
  }

  /** Resolves when all is written. */
  settled(): Promise<void> {
    return this.#written;
  }
}

/** What the cloud tells a device, settings among it, is not what it tells one that is there for a download only. */
export function cloudFileOf(of: { dataDir: string; eventsHome?: string | undefined }): string {
  const { dataDir, eventsHome } = of;
  return eventsHome === undefined
    ? join(dataDir, 'cloud-services.json')
    : join(eventsHome, 'cloud-services-of-downloads.json');
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
