import Type from 'typebox';
import { Count } from '../fields.ts';
import { replyParser } from '../reply-parser.ts';
import { DeviceSnapshotSchema } from './device-snapshot.ts';
import {
  DownloadCanceledSchema,
  DownloadCompletedSchema,
  DownloadPausedSchema,
  DownloadStartedSchema,
  FailureCdnCommunicationSchema,
  JobErrorSchema,
} from './download-events.ts';
import { Time, Uuid } from './fields.ts';
import { maxBatchEvents } from './limits.ts';

/** What a device tells of itself: the events of workflow.md §11, and its own state. */
export const DeviceEventSchema = Type.Union([
  DownloadStartedSchema,
  DownloadPausedSchema,
  DownloadCompletedSchema,
  DownloadCanceledSchema,
  FailureCdnCommunicationSchema,
  JobErrorSchema,
  DeviceSnapshotSchema,
]);
export type DeviceEvent = Type.Static<typeof DeviceEventSchema>;
export type EventName = DeviceEvent['Name'];
/** An event of that name. */
export type EventOf<N extends EventName> = Extract<DeviceEvent, { Name: N }>;

/**
 * `POST {Sluice_EventsUri}` (ours), as JSON of at most `maxBatchBytes`, gzip or plain. A batch that was not
 * answered is sent again, in whole or cut another way: what counts as the same is the `EventId`.
 */
export const EventBatchSchema = Type.Object(
  {
    /** The peer id, or what the device was enrolled as. */
    DeviceId: Type.String({ pattern: '^[A-Za-z0-9._:-]{1,128}$' }),
    BatchId: Uuid,
    /** By the device's clock: how wrong it is can be told from it. */
    SentAt: Time,
    Events: Type.Array(DeviceEventSchema, { minItems: 1, maxItems: maxBatchEvents }),
  },
  { additionalProperties: false },
);
export type EventBatch = Type.Static<typeof EventBatchSchema>;

/** The 202: all of them are kept, `Duplicates` since earlier. */
export const EventsReplySchema = Type.Object({ Accepted: Count, Duplicates: Count });
export type EventsReply = Type.Static<typeof EventsReplySchema>;

/** Reads the answer to a batch. @throws ServiceInvalidReply */
export const parseEventsReply: (json: unknown) => EventsReply = replyParser(
  'events',
  EventsReplySchema,
  (reply) => reply,
);
