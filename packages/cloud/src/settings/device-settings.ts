import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { type Clock, type KeyValueReply, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import {
  checkedSettings,
  noSettings,
  type ServedSettings,
  type SettingKind,
  type SettingProblem,
  settingKinds,
} from './given-settings.ts';

/** The file is looked at again, on use, after so long, ms. */
const freshMs = 1_000;
const maxFileBytes = 262_144;

/** A change: by kind and name; null takes a setting away. */
export type SettingsPatch = Partial<Record<SettingKind, Record<string, unknown>>>;

/**
 * What this cloud sets on devices, kept in a JSON file that people may write too:
 * `{"Default": {"DODownloadMode": 2}, "Forced": {…}}`. What is wrong in it is logged and not served.
 */
export class DeviceSettings {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  #known: { settings: ServedSettings; problems: SettingProblem[]; text: string } | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(file: string, clock: Clock, logger: Logger | undefined) {
    this.#file = file;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** What is served, and what is not. Never rejects. */
  async view(): Promise<{ settings: ServedSettings; problems: SettingProblem[] }> {
    if (!this.#known || this.#clock.now() - this.#readAt >= freshMs) await this.#read();
    return this.#known!;
  }

  /** As the key-value service has it: one value by name, and the names of those that are forced. */
  async forReply(): Promise<Partial<KeyValueReply>> {
    const { Default, Forced } = (await this.view()).settings;
    const names = Object.keys(Forced);
    return {
      ...Default,
      ...Forced,
      ...(names.length > 0 && { Sluice_ForcedSettings: names }),
    } as Partial<KeyValueReply>;
  }

  /** Carries out a change, all of it or nothing. @throws RequestInvalid: what is wrong with it. */
  change(patch: SettingsPatch): Promise<void> {
    const done = this.#turn.then(() => this.#change(patch));
    this.#turn = done.catch(() => {
      // Who asked for it is told.
    });
    return done;
  }

  async #change(patch: SettingsPatch): Promise<void> {
    await this.#read();
    const given: Record<string, Record<string, unknown>> = {};
    for (const kind of settingKinds) {
      const asked = Object.entries(patch[kind] ?? {});
      // The same names as in the file, in whatever case they come.
      const named = asked.map(([name, value]) => [name.toLowerCase(), name, value] as const);
      const isNew = new Set(named.map(([lower]) => lower));
      const kept = Object.entries(this.#known!.settings[kind]).filter(
        ([name]) => !isNew.has(name.toLowerCase()),
      );
      const added = named.flatMap(([, name, value]) => (value === null ? [] : [[name, value]]));
      given[kind] = Object.fromEntries([...kept, ...added]);
    }
    const { settings, problems } = checkedSettings(given);
    const [first] = problems;
    if (first) {
      throw sluiceError('RequestInvalid', { detail: `${first.Name}: ${first.Reason}` });
    }
    const temporary = `${this.#file}.${process.pid}.tmp`;
    await writeFile(temporary, `${JSON.stringify(settings, undefined, 2)}\n`, { mode: 0o600 });
    await rename(temporary, this.#file);
    await this.#read();
  }

  async #read(): Promise<void> {
    this.#readAt = this.#clock.now();
    const text = await this.#textOfFile();
    if (text === this.#known?.text) return;
    this.#known = { text, ...(text === '' ? empty() : checkedSettings(parsed(text))) };
    for (const problem of this.#known.problems) {
      this.#logger?.warn({ file: this.#file, ...problem }, 'a device setting is not served');
    }
  }

  /** Empty: there is none, or it cannot be read, which is said once. */
  async #textOfFile(): Promise<string> {
    try {
      const { size } = await stat(this.#file);
      if (size > maxFileBytes) return '"too large"';
      return await readFile(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      this.#logger?.warn({ err: error }, 'the device settings cannot be read');
      // What was served goes on: a disk that fails is no reason to change all devices.
      return this.#known?.text ?? '';
    }
  }
}

function empty() {
  return { settings: noSettings(), problems: [] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
