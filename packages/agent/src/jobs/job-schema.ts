import { ContentIdText, DownloadRequestSchema } from '@sluice/protocol/schemas';
import Type from 'typebox';
import { Check } from 'typebox/value';
import type { Job } from './job.ts';

const jobSchema = Type.Object(
  {
    Id: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
    Request: DownloadRequestSchema,
    Delivered: Type.Boolean(),
    Trusted: Type.Optional(
      Type.Object(
        {
          HashOfHashes: Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }),
          ContentId: ContentIdText,
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

export function isJob(value: unknown): value is Job {
  return Check(jobSchema, value);
}
