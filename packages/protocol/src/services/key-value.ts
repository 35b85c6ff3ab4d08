import Type from 'typebox';
import { HttpUrl } from './fields.ts';
import { fillEndpoint } from './fill-endpoint.ts';
import { assertHttpUrl, type Refuse, replyParser } from './reply-parser.ts';

const SettingText = Type.String({ maxLength: 4096 });
const SettingValue = Type.Union([
  SettingText,
  Type.Number(),
  Type.Boolean(),
  Type.Null(),
  Type.Array(Type.String({ maxLength: 1024 }), { maxItems: 256 }),
]);

/**
 * `GET /all` (wire.md §3.2): where the other services are, and device settings by name. Endpoints that
 * contain `{contentId}` are filled by `fillEndpoint`.
 */
export const KeyValueReplySchema = Type.Object(
  {
    ContentPolicy_EndpointUri: HttpUrl,
    ContentPolicy_EndpointFullUri: HttpUrl,
    Discovery_EndpointFullUri: HttpUrl,
    /** Ours: where events go (`EventBatchSchema`); none: nobody wants any. */
    Sluice_EventsUri: Type.Optional(HttpUrl),
    /** Regular expressions of the caller names that may use the service. */
    Client_RegisteredCallersFilterList: Type.Optional(
      Type.Array(Type.String({ maxLength: 1024 }), { maxItems: 256 }),
    ),
  },
  {
    additionalProperties: SettingValue,
    // Also keeps "__proto__" and its like out of objects that are later indexed by setting name.
    propertyNames: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.]{0,127}$' }),
    maxProperties: 512,
  },
);
export type KeyValueReply = Type.Static<typeof KeyValueReplySchema>;

/** Reads a KeyValue reply from an untrusted network. @throws ServiceInvalidReply */
export const parseKeyValueReply: (json: unknown) => KeyValueReply = replyParser(
  'KeyValue',
  KeyValueReplySchema,
  (reply, refuse) => {
    assertHttpUrl(reply.ContentPolicy_EndpointUri, 'ContentPolicy_EndpointUri', refuse);
    assertTemplate(reply.ContentPolicy_EndpointFullUri, 'ContentPolicy_EndpointFullUri', refuse);
    assertTemplate(reply.Discovery_EndpointFullUri, 'Discovery_EndpointFullUri', refuse);
    const { Sluice_EventsUri: events } = reply;
    if (events !== undefined) assertHttpUrl(events, 'Sluice_EventsUri', refuse);
    return reply;
  },
);

function assertTemplate(template: string, name: string, refuse: Refuse): void {
  if (!template.includes('{contentId}')) refuse(`${name} has no {contentId}`);
  assertHttpUrl(fillEndpoint(template, 'x'), name, refuse);
}
