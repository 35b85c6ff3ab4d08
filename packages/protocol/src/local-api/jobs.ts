import Type from 'typebox';
import { DownloadRequestSchema } from './download-request.ts';

const request = DownloadRequestSchema.properties;

/**
 * What the caller of a job sets, by the names of Delivery Optimization (workflow.md §12) and, from
 * `HashOfHashes` on, of Sluice's own request. Paths are absolute.
 */
export const JobPropertiesSchema = Type.Object(
  {
    Uri: Type.Optional(request.Url),
    ContentId: request.ContentId,
    DisplayName: Type.Optional(Type.String({ maxLength: 1_024 })),
    LocalPath: Type.Optional(request.Output),
    /** Seconds without a new byte after which it is paused; 300 if not given. */
    NoProgressTimeoutSeconds: Type.Optional(Type.Integer({ minimum: 10, maximum: 86_400 })),
    ForegroundPriority: Type.Optional(Type.Boolean()),
    /** Rather fail than take what no hash list vouches for. */
    IntegrityCheckMandatory: Type.Optional(Type.Boolean()),
    /** Lines of `Name: value`, sent to the origin of `Uri` and to no other. */
    HttpCustomHeaders: Type.Optional(Type.String({ maxLength: 16_384 })),
    /** The same; kept on the disk of the agent, and shown to nobody. */
    HttpCustomAuthHeaders: Type.Optional(Type.String({ maxLength: 16_384 })),
    HashOfHashes: request.HashOfHashes,
    PhfUrl: request.PhfUrl,
    Sha256: request.Sha256,
    CacheHosts: request.CacheHosts,
    Mirrors: request.Mirrors,
    Mode: request.Mode,
    GroupId: request.GroupId,
    CloudUrl: request.CloudUrl,
  },
  { additionalProperties: false },
);
export type JobProperties = Type.Static<typeof JobPropertiesSchema>;

/** Bytes of the file; no `Length` = to its end. */
const JobRangeSchema = Type.Object(
  {
    Offset: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    Length: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  },
  { additionalProperties: false },
);
export type JobRange = Type.Static<typeof JobRangeSchema>;

/** No ranges = the whole file. */
export const JobStartSchema = Type.Object(
  { Ranges: Type.Optional(Type.Array(JobRangeSchema, { maxItems: 1_000 })) },
  { additionalProperties: false },
);

/** An error as the local API answers it. `HResult` is unsigned. */
export const ErrorReportSchema = Type.Object({
  Code: Type.String(),
  Message: Type.String(),
  Remedy: Type.String(),
  ExitCode: Type.Integer(),
  HResult: Type.Integer(),
});

/** An error as a job shows it. `HResult` is unsigned. */
export const JobFaultSchema = Type.Object({
  Code: Type.String(),
  Message: Type.String(),
  Remedy: Type.String(),
  HResult: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
});
export type JobFault = Type.Static<typeof JobFaultSchema>;

export const JobStateSchema = Type.Union([
  Type.Literal('Created'),
  Type.Literal('Transferring'),
  Type.Literal('Paused'),
  Type.Literal('Transferred'),
  Type.Literal('Finalized'),
  Type.Literal('Aborted'),
]);
export type JobState = Type.Static<typeof JobStateSchema>;

/** A job as the API shows it; bytes. Transferring with an Error: it is tried again. */
export const JobStatusSchema = Type.Object({
  Id: Type.String(),
  Owner: Type.String(),
  State: JobStateSchema,
  /** It waits until others are through. */
  Queued: Type.Boolean(),
  BytesTotal: Type.Integer(),
  BytesTransferred: Type.Integer(),
  Error: Type.Union([JobFaultSchema, Type.Null()]),
  ExtendedError: Type.Union([JobFaultSchema, Type.Null()]),
  Properties: JobPropertiesSchema,
  /** The download that brings it, as /v1/downloads has it; none while it does not run. */
  DownloadId: Type.Union([Type.String(), Type.Null()]),
});
export type JobStatus = Type.Static<typeof JobStatusSchema>;

/** Which jobs to list: all that have each of these values. */
export const JobFilterSchema = Type.Object(
  {
    Id: Type.Optional(Type.String()),
    Uri: Type.Optional(Type.String()),
    ContentId: Type.Optional(Type.String()),
    DisplayName: Type.Optional(Type.String()),
    LocalPath: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type JobFilter = Type.Static<typeof JobFilterSchema>;
