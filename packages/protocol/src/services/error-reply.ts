import Type from 'typebox';
import { replyParser } from './reply-parser.ts';

/** The body of every 4xx and 5xx of a Sluice service: a code of the error catalogue, and what to do. */
export const ErrorReplySchema = Type.Object({
  Code: Type.String({ minLength: 1, maxLength: 64 }),
  Message: Type.String({ maxLength: 4096 }),
  Remedy: Type.String({ maxLength: 4096 }),
});
export type ErrorReply = Type.Static<typeof ErrorReplySchema>;

/** Reads the body of a refusal, fit to be shown on a terminal. @throws ServiceInvalidReply */
export const parseErrorReply: (json: unknown) => ErrorReply = replyParser(
  'the service',
  ErrorReplySchema,
  (reply) => ({
    Code: printable(reply.Code),
    Message: printable(reply.Message),
    Remedy: printable(reply.Remedy),
  }),
);

function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}
