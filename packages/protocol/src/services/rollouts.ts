import Type from 'typebox';
import { replyParser } from './reply-parser.ts';

const strict = { additionalProperties: false } as const;
const Name = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,89}$' });
const Percent = Type.Number({ minimum: 0, maximum: 100 });
/** By their DO names; null takes back what is set for all. */
const Settings = Type.Record(
  Type.String({ maxLength: 100 }),
  Type.Union([Type.String({ maxLength: 4096 }), Type.Number(), Type.Null()]),
  { maxProperties: 200 },
);

/** Settings for a part of the devices (ours). */
const RolloutSchema = Type.Object(
  {
    Name,
    /** From the first whose time has come to the last: so many devices of a hundred. */
    Stages: Type.Array(
      Type.Object({ At: Type.Optional(Type.String({ maxLength: 40 })), Percent }, strict),
      { minItems: 1, maxItems: 50 },
    ),
    /**
     * ISO 8601. Stages whose time comes later do not count until it is gone; who is in stays in. Whatever an admin
     * writes, the cloud keeps the time when it came.
     */
    PausedAt: Type.Optional(Type.String({ maxLength: 40 })),
    /** `Forced`: above all that is set on a device. */
    Kind: Type.Union([Type.Literal('Default'), Type.Literal('Forced')]),
    /** The devices of the rollout are shared out among them by their weights; one is all of them. */
    Variants: Type.Array(
      Type.Object({ Name, Weight: Type.Integer({ minimum: 0, maximum: 1000 }), Settings }, strict),
      { minItems: 1, maxItems: 20 },
    ),
  },
  strict,
);
export type Rollout = Type.Static<typeof RolloutSchema>;

const RolloutsDocumentSchema = Type.Object(
  { Rollouts: Type.Array(RolloutSchema, { maxItems: 50 }) },
  strict,
);
export type RolloutsDocument = Type.Static<typeof RolloutsDocumentSchema>;

/** What the cloud sets on a device, and why: `GET /admin/settings/effective`. */
export interface EffectiveSettings {
  Device: string | null;
  Settings: {
    Name: string;
    Value: string | number;
    Kind: Rollout['Kind'];
    /** Name of the rollout; null: set for all. */
    Rollout: string | null;
    Variant: string | null;
  }[];
  Rollouts: {
    Name: string;
    /** Null: the device told no id, so it is in only when all are. */
    Bucket: number | null;
    Percent: number;
    IsIn: boolean;
    Variant: string | null;
  }[];
}

/** Reads rollouts as an admin wrote them. @throws ServiceInvalidReply */
export const parseRolloutsDocument: (json: unknown) => RolloutsDocument = replyParser(
  'the rollouts',
  RolloutsDocumentSchema,
  (document, refuse) => {
    const names = new Set<string>();
    for (const { Name: name, Stages, PausedAt, Variants } of document.Rollouts) {
      if (names.has(name)) refuse(`there are two rollouts ${name}`);
      names.add(name);
      if (Stages.some(({ At }) => At !== undefined && Number.isNaN(Date.parse(At)))) {
        refuse(`a stage of ${name} has a time that is not of ISO 8601`);
      }
      if (PausedAt !== undefined && Number.isNaN(Date.parse(PausedAt))) {
        refuse(`PausedAt of ${name} is not of ISO 8601`);
      }
      if (Variants.every(({ Weight }) => Weight === 0)) refuse(`${name} has no weight`);
    }
    return document;
  },
);
