import Type from 'typebox';
import { Count } from '../services/fields.ts';
import { replyParser } from '../services/reply-parser.ts';
import { sourceClasses } from './source-class.ts';

/** More than an agent keeps of anything. */
const maxItems = 2_000;
const Text = Type.String({ maxLength: 10_000 });
/** Since the download began. */
const Ms = Type.Number({ minimum: 0 });
const Source = Type.Enum([...sourceClasses]);
const Reason = Type.Enum(['peer', 'responsible', 'takeOver', 'floor', 'hedge', 'stream']);

/** What one kind of source brought for one reason. Bytes are payload of pieces. */
const WhyBytesSchema = Type.Object({
  Source,
  Reason,
  /** Pieces asked for: more than came when requests were lost, hedged or are under way. */
  AskedPieces: Count,
  Pieces: Count,
  Bytes: Count,
});

/** A source that could be asked. `Gone`: its connection is over; `Resting`: left alone after a fault. */
const WhySourceSchema = Type.Object({
  Source,
  Label: Text,
  State: Type.Enum(['Ready', 'Choked', 'Resting', 'Dead', 'Gone']),
  /** Pieces it was asked for. */
  AskedPieces: Count,
  /** Pieces it brought that were not here before. */
  Pieces: Count,
  Bytes: Count,
});

/** Something that was not used. */
const WhyRuledOutSchema = Type.Object({
  /** Name of a setting, of an error, or of a rule of Sluice. */
  Rule: Text,
  SetBy: Type.Union([Text, Type.Null()]),
  Affects: Type.Enum(['peers', 'upload', 'cache', 'http']),
  /** Peers that it is about; null: all, or it is not about peers. */
  PeerClass: Type.Union([Source, Type.Null()]),
  Limit: Text,
  Actual: Text,
  Remedy: Text,
  Count,
  /** To whom it happened: the first few. */
  Subjects: Type.Array(Text, { maxItems: 10 }),
});

/** One decision, or what happened to a source; which fields are there depends on `Type`. */
const WhyDecisionSchema = Type.Object({
  AtMs: Ms,
  Type: Type.Enum([
    'asked',
    'added',
    'choked',
    'unchoked',
    'sequential',
    'gone',
    'backedOff',
    'banned',
    'givenUp',
    'originHeld',
    'originFreed',
    'toForeground',
    'toBackground',
  ]),
  Source: Type.Optional(Source),
  Label: Type.Optional(Text),
  Reason: Type.Optional(Reason),
  FirstPiece: Type.Optional(Count),
  /** Pieces that were asked for, or that it brought. */
  Pieces: Type.Optional(Count),
  Bytes: Type.Optional(Count),
  /** Connected peers that had the first piece. */
  Holders: Type.Optional(Count),
  /** What the chosen source should take for it, ms. */
  OwnMs: Type.Optional(Ms),
  /** When it would have come otherwise, ms; null: not at all. */
  OtherMs: Type.Optional(Type.Union([Ms, Type.Null()])),
  /** What went wrong: a code of the catalogue of errors, or `badPieces`, `silent`, `incomplete`. */
  Because: Type.Optional(Text),
  UntilMs: Type.Optional(Ms),
});

/** Why the bytes of a download came from where they came: `GET /v1/downloads/:id/why`. */
export const DownloadWhySchema = Type.Object({
  Id: Text,
  FileId: Text,
  SourceURL: Text,
  Output: Text,
  State: Text,
  /** What ended it early. */
  Error: Type.Union([
    Type.Object({ Code: Text, Message: Text, Remedy: Text, ExitCode: Count }),
    Type.Null(),
  ]),
  DownloadMode: Text,
  DownloadModeReason: Text,
  FileSize: Count,
  /** Found on disk from an earlier run: why they came from where they came is not known any more. */
  ResumedBytes: Count,
  DuplicateBytes: Count,
  /** Peers that the array named. */
  NumPeers: Count,
  Bytes: Type.Array(WhyBytesSchema, { maxItems }),
  Sources: Type.Array(WhySourceSchema, { maxItems }),
  RuledOut: Type.Array(WhyRuledOutSchema, { maxItems }),
  /** The last ones, the oldest first. */
  Decisions: Type.Array(WhyDecisionSchema, { maxItems }),
  /** All there were, those that are forgotten included. */
  DecisionCount: Count,
});
export type DownloadWhy = Type.Static<typeof DownloadWhySchema>;

/** Reads the agent's answer. @throws ServiceInvalidReply */
export const parseDownloadWhy: (json: unknown) => DownloadWhy = replyParser(
  'the agent',
  DownloadWhySchema,
  (why) => why,
);
