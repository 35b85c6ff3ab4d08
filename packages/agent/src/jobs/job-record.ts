import type { JobProperties } from '@sluice/protocol';
import {
  ContentIdText,
  JobFaultSchema,
  JobPropertiesSchema,
  JobStateSchema,
} from '@sluice/protocol/schemas';
import Type from 'typebox';
import { Check } from 'typebox/value';
import type { TrustedContent } from './job.ts';
import type { JobSnapshot } from './job-machine.ts';
import type { TargetMemory } from './job-target.ts';

const bytes = Type.Integer({ minimum: 0 });
const fault = Type.Union([JobFaultSchema, Type.Null()]);
const strict = { additionalProperties: false };

const schema = Type.Object(
  {
    Id: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
    Owner: Type.String({ maxLength: 100 }),
    Privileged: Type.Boolean(),
    Properties: JobPropertiesSchema,
    Snapshot: Type.Object(
      {
        State: JobStateSchema,
        BytesTotal: bytes,
        BytesTransferred: bytes,
        Error: fault,
        ExtendedError: fault,
      },
      strict,
    ),
    Target: Type.Object(
      {
        Own: Type.Optional(
          Type.Object(
            {
              dev: Type.Number(),
              ino: Type.Number(),
              birthtimeMs: Type.Optional(Type.Number()),
            },
            strict,
          ),
        ),
        Replaces: Type.Optional(Type.Boolean()),
      },
      strict,
    ),
    Ranges: Type.Optional(
      Type.Array(Type.Object({ Start: bytes, End: Type.Union([bytes, Type.Null()]) }, strict), {
        maxItems: 10_000,
      }),
    ),
    Trusted: Type.Optional(
      Type.Object({ HashOfHashes: Type.String(), ContentId: ContentIdText }, strict),
    ),
  },
  strict,
);

/** A job that is controlled by its caller, on disk. */
export interface JobRecord {
  Id: string;
  Owner: string;
  /** Its owner may replace files; others may not even of their own, since the agent writes them. */
  Privileged: boolean;
  Properties: JobProperties;
  Snapshot: JobSnapshot;
  Target: TargetMemory;
  /** Parts of the file; `End` null = to its end. */
  Ranges?: { Start: number; End: number | null }[];
  Trusted?: TrustedContent;
}

/** @returns undefined when `value` is no record. */
export function asJobRecord(value: unknown): JobRecord | undefined {
  return Check(schema, value) ? (value as JobRecord) : undefined;
}
