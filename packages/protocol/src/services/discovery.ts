import Type from 'typebox';
import { HttpUrl } from './fields.ts';
import { assertHttpUrl, type Refuse, replyParser } from './reply-parser.ts';

/** `GET {disc}` (wire.md §3.4): base URLs of array instances, each ending in "/", first = best. */
export const DiscoveryReplySchema = Type.Array(Type.Object({ CollectiveArray: HttpUrl }), {
  maxItems: 32,
});
export type DiscoveryReply = Type.Static<typeof DiscoveryReplySchema>;

/** Reads a discovery reply from an untrusted network. @throws ServiceInvalidReply */
export const parseDiscoveryReply: (json: unknown) => DiscoveryReply = replyParser(
  'Discovery',
  DiscoveryReplySchema,
  (reply, refuse) => {
    for (const { CollectiveArray: base } of reply) assertArrayUrl(base, refuse);
    return reply;
  },
);

/** Refuses what is no base URL of an array instance. */
export function assertArrayUrl(base: string, refuse: Refuse): void {
  assertHttpUrl(base, 'CollectiveArray', refuse);
  if (!base.endsWith('/')) refuse('CollectiveArray does not end in "/"');
}
