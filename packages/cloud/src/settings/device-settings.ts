import { type Clock, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import {
  checkedSettings,
  noSettings,
  type ServedSettings,
  type SettingKind,
  type SettingProblem,
  settingKinds,
} from './given-settings.ts';
import type { SettingsText } from './settings-text.ts';

/** The text is looked at again, on use, after so long, ms. */
const freshMs = 1_000;
/** How often a change starts over because somebody else's came between. */
const maxTries = 5;

/** A change: by kind and name; null takes a setting away. */
export type SettingsPatch = Partial<Record<SettingKind, Record<string, unknown>>>;

/**
 * What the cloud sets on devices, kept as JSON that people may write too:
 * `{"Default": {"DODownloadMode": 2}, "Forced": {…}}`. What is wrong in it is logged and not served.
 */
export class DeviceSettings {
  readonly #text: SettingsText;
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  #known: { settings: ServedSettings; problems: SettingProblem[]; text: string } | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(text: SettingsText, clock: Clock, logger: Logger | undefined) {
    this.#text = text;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** What is served, and what is not. Never rejects. */
  async view(): Promise<{ settings: ServedSettings; problems: SettingProblem[] }> {
    if (!this.#known || this.#clock.now() - this.#readAt >= freshMs) await this.#read();
    return this.#known!;
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
    for (let tries = 0; tries < maxTries; tries++) {
      await this.#read();
      const text = `${JSON.stringify(this.#changed(patch), undefined, 2)}\n`;
      if (await this.#text.replace(this.#known!.text, text)) return this.#read();
    }
    throw sluiceError('RequestInvalid', { detail: 'others change the settings too: try again' });
  }

  /** The settings with the change. @throws RequestInvalid */
  #changed(patch: SettingsPatch): ServedSettings {
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
    return settings;
  }

  async #read(): Promise<void> {
    this.#readAt = this.#clock.now();
    const text = await this.#textNow();
    if (text === this.#known?.text) return;
    this.#known = { text, ...(text === '' ? empty() : checkedSettings(parsed(text))) };
    for (const problem of this.#known.problems) {
      this.#logger?.warn({ ...problem }, 'a device setting is not served');
    }
  }

  /** Empty: there is none, or it cannot be read, which is said. */
  async #textNow(): Promise<string> {
    try {
      return await this.#text.read();
    } catch (error) {
      this.#logger?.warn({ err: error }, 'the device settings cannot be read');
      // What was served goes on: a store that fails is no reason to change all devices.
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
