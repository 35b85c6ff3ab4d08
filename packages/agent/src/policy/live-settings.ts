import { isDeepStrictEqual } from 'node:util';
import type { Clock, KeyValueReply } from '@sluice/protocol';
import {
  type PolicyLayer,
  type PolicyName,
  type PolicySettings,
  providerTexts,
  type ResolvedPolicies,
  resolvePolicies,
} from '@sluice/protocol/policy';
import type { Logger } from 'pino';
import { cloudLayers } from './cloud-layers.ts';
import type { Live } from './live.ts';
import type { PolicyPlaces } from './policy-places.ts';
import { readLayers } from './read-layers.ts';
import { changeStored, type SettingsChange } from './settings-file.ts';

export interface LiveSettingsOptions {
  places: PolicyPlaces & { settingsFile: string };
  /** Checked before. */
  commandLine: Readonly<Record<string, unknown>>;
  clock: Clock;
  logger: Logger;
}

/** Files are read anew, on use, after so long, ms. */
const oldMs = 60_000;

/** The settings in force, of all providers together, which may change at any time. */
export class LiveSettings implements Live<PolicySettings> {
  readonly #options: LiveSettingsOptions;
  readonly #watchers = new Set<() => void>();
  #read: PolicyLayer[] = [];
  #cloud: PolicyLayer[] = [];
  #readAt = 0;
  #resolved: ResolvedPolicies;
  /** Reading and changing, one after the other: what was read last must not be old. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: LiveSettingsOptions) {
    this.#options = options;
    this.#resolved = resolvePolicies([]);
  }

  /** Reads all places; what is wrong in them is told in `resolved.problems`. */
  static async open(options: LiveSettingsOptions): Promise<LiveSettings> {
    const made = new LiveSettings(options);
    await made.reload();
    return made;
  }

  get current(): PolicySettings {
    return this.#resolved.settings;
  }

  get resolved(): ResolvedPolicies {
    return this.#resolved;
  }

  /** Whether who set it has the last word on what a single download may have. */
  binds(name: PolicyName): boolean {
    return providerTexts[this.#resolved.sources[name].provider].binds;
  }

  /** Who set it, for people; undefined: nobody. */
  setBy(name: PolicyName): string | undefined {
    const { provider } = this.#resolved.sources[name];
    return provider === 'Default' ? undefined : providerTexts[provider].name;
  }

  watch(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  /** Reads the files, the environment and the registry anew. Never rejects. */
  reload(): Promise<void> {
    return this.#inTurn(() => this.#readAll());
  }

  /** The same when that was not done for a minute: as Microsoft's agent does on use. */
  reloadIfOld(): void {
    if (this.#options.clock.now() - this.#readAt >= oldMs) void this.reload();
  }

  /** Keeps what an admin set or imported. @throws NotOwner, Disk errors. */
  change(change: SettingsChange): Promise<void> {
    return this.#inTurn(async () => {
      await changeStored(this.#options.places.settingsFile, change);
      await this.#readAll();
    });
  }

  /** The cloud was asked anew. */
  setCloud(reply: KeyValueReply, origin: string): void {
    this.#cloud = cloudLayers(reply, origin);
    this.#resolve();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {
      // Who asked for it is told.
    });
    return done;
  }

  async #readAll(): Promise<void> {
    this.#readAt = this.#options.clock.now();
    this.#read = await readLayers(this.#options.places);
    this.#resolve();
  }

  #resolve(): void {
    const { commandLine, logger } = this.#options;
    const before = this.#resolved;
    const given = { provider: 'CommandLine', origin: 'command line', values: commandLine } as const;
    this.#resolved = resolvePolicies([...this.#read, given, ...this.#cloud]);
    const { problems, settings } = this.#resolved;
    if (!isDeepStrictEqual(problems, before.problems)) {
      for (const problem of problems) logger.warn(problem, 'a setting was not taken');
    }
    if (isDeepStrictEqual(settings, before.settings)) return;
    for (const fn of this.#watchers) {
      try {
        fn();
      } catch (err) {
        logger.error({ err }, 'a change of settings was not carried out everywhere');
      }
    }
  }
}
