import {
  type EffectiveSettings,
  type KeyValueReply,
  type Rollout,
  type RolloutsDocument,
  sluiceError,
} from '@sluice/protocol';
import { parseRolloutsDocument } from '@sluice/protocol/schemas';
import type { JsonDocument } from '../documents/json-document.ts';
import type { DeviceSettings } from '../settings/device-settings.ts';
import { checkedSettings, settingKinds } from '../settings/given-settings.ts';
import { type Place, placeOf } from './ring.ts';

type Entry = EffectiveSettings['Settings'][number];

/** @param json undefined when nobody wrote any. @throws RequestInvalid */
export function readRollouts(json: unknown): RolloutsDocument {
  if (json === undefined) return { Rollouts: [] };
  try {
    const document = parseRolloutsDocument(json);
    return { Rollouts: document.Rollouts.map(checked) };
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw sluiceError('RequestInvalid', { detail }, { cause });
  }
}

/** Settings that are told to a part of the devices, beside those for all. */
export class Rollouts {
  readonly #document: JsonDocument<RolloutsDocument>;
  readonly #settings: DeviceSettings;
  readonly #wallTime: () => number;

  constructor(
    document: JsonDocument<RolloutsDocument>,
    settings: DeviceSettings,
    wallTime: () => number,
  ) {
    this.#document = document;
    this.#settings = settings;
    this.#wallTime = wallTime;
  }

  async view(): Promise<RolloutsDocument> {
    return this.#document.get();
  }

  /** What is paused is so from now on, or since it was, by the clock that stages go by. @throws RequestInvalid */
  async set(rollouts: Rollout[]): Promise<void> {
    const given = readRollouts({ Rollouts: rollouts }).Rollouts;
    const now = new Date(this.#wallTime()).toISOString();
    await this.#document.change((before) => {
      const since = new Map(before.Rollouts.map(({ Name, PausedAt }) => [Name, PausedAt]));
      const stamped = given.map((rollout) =>
        rollout.PausedAt === undefined
          ? rollout
          : { ...rollout, PausedAt: since.get(rollout.Name) ?? now },
      );
      return { Rollouts: stamped };
    });
  }

  /** As the key-value service has it. */
  async forReply(deviceId: string | undefined): Promise<Partial<KeyValueReply>> {
    const { Settings } = await this.effective(deviceId);
    const forced = Settings.filter(({ Kind }) => Kind === 'Forced').map(({ Name }) => Name);
    return {
      ...Object.fromEntries(Settings.map(({ Name, Value }) => [Name, Value])),
      ...(forced.length > 0 && { Sluice_ForcedSettings: forced }),
    } as Partial<KeyValueReply>;
  }

  /** Later rollouts are above earlier ones, and these above what is set for all; what is forced is above all of them. */
  async effective(deviceId: string | undefined): Promise<EffectiveSettings> {
    const { settings } = await this.#settings.view();
    const byKind = { Default: new Map<string, Entry>(), Forced: new Map<string, Entry>() };
    for (const Kind of settingKinds) {
      for (const [Name, Value] of Object.entries(settings[Kind])) {
        byKind[Kind].set(Name, { Name, Value, Kind, Rollout: null, Variant: null });
      }
    }
    const { Rollouts: rollouts } = await this.#document.get();
    const told = rollouts.map((rollout) => {
      const place = this.#placeOf(rollout, deviceId);
      if (place.isIn) apply(rollout, place, byKind[rollout.Kind]);
      const { bucket, percent, isIn, variant } = place;
      const Bucket = deviceId === undefined ? null : Math.floor(bucket * 1000) / 1000;
      return { Name: rollout.Name, Bucket, Percent: percent, IsIn: isIn, Variant: variant };
    });
    const all = new Map([...byKind.Default, ...byKind.Forced]);
    const names = [...all.keys()].sort();
    return { Device: deviceId ?? null, Settings: names.map((n) => all.get(n)!), Rollouts: told };
  }

  #placeOf(rollout: Rollout, deviceId: string | undefined): Place {
    const place = placeOf(rollout, deviceId ?? '', this.#wallTime());
    return deviceId === undefined ? { ...place, isIn: place.percent === 100 } : place;
  }
}

function apply(rollout: Rollout, { variant: Variant }: Place, into: Map<string, Entry>): void {
  const { Name: Rollout, Kind, Variants } = rollout;
  const { Settings = {} } = Variants.find(({ Name }) => Name === Variant) ?? {};
  for (const [Name, Value] of Object.entries(Settings)) {
    if (Value === null) into.delete(Name);
    else into.set(Name, { Name, Value, Kind, Rollout, Variant });
  }
}

/** With the settings as they go out. @throws RequestInvalid */
function checked(rollout: Rollout): Rollout {
  const Variants = rollout.Variants.map((variant) => {
    const given = Object.entries(variant.Settings);
    const taken = given.filter(([, value]) => value === null);
    const set = Object.fromEntries(given.filter(([, value]) => value !== null));
    const { settings, problems } = checkedSettings({ Default: set });
    const [wrong] = problems;
    if (wrong) {
      const detail = `rollout ${rollout.Name}: ${wrong.Name}: ${wrong.Reason}`;
      throw sluiceError('RequestInvalid', { detail });
    }
    return { ...variant, Settings: { ...Object.fromEntries(taken), ...settings.Default } };
  });
  return { ...rollout, Variants };
}
