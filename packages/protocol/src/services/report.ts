import Type from 'typebox';
import { replyParser } from './reply-parser.ts';

const Value = Type.Union([Type.String({ maxLength: 1 << 20 }), Type.Number(), Type.Null()]);
const DayText = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' });

/**
 * `GET /admin/reports/<name>` (ours, docs/reports.md): a report as JSON. Every row has the same columns; times are
 * ISO 8601, bytes and counts whole numbers, percentages 0 to 100.
 */
export const ReportReplySchema = Type.Object({
  Report: Type.String({ maxLength: 64 }),
  Tenant: Type.String({ maxLength: 256 }),
  /** UTC, both included. */
  From: DayText,
  To: DayText,
  TimeGenerated: Type.String({ maxLength: 32 }),
  Rows: Type.Array(
    Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9]{0,63}$' }), Value, {
      additionalProperties: false,
    }),
    { maxItems: 100_000 },
  ),
  /** What to give as `after` for the rest; null: that was all. */
  Next: Type.Union([Type.String({ maxLength: 256 }), Type.Null()]),
});
export type ReportReply = Type.Static<typeof ReportReplySchema>;

/** Reads a report. @throws ServiceInvalidReply */
export const parseReportReply: (json: unknown) => ReportReply = replyParser(
  'the cloud',
  ReportReplySchema,
  (reply) => reply,
);
