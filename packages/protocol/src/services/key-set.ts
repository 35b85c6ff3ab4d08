import Type from 'typebox';
import { Count, HashText } from './fields.ts';
import { replyParser } from './reply-parser.ts';

const KeyId = Type.String({ pattern: '^[0-9a-f]{16}$' });
const SignatureText = Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$' });

/** The keys that hash lists are signed by (ours); each set but the first is signed by a key of the one before. */
export const KeySetSchema = Type.Object(
  {
    Version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    Keys: Type.Array(
      Type.Object(
        { KeyId, /** Base64 of 32 bytes. */ PublicKey: HashText, IsRevoked: Type.Boolean() },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 32 },
    ),
    SignedBy: Type.Optional(KeyId),
    Signature: Type.Optional(SignatureText),
  },
  { additionalProperties: false },
);
export type KeySet = Type.Static<typeof KeySetSchema>;

/** That the publisher vouches for a hash list (ours): Ed25519. Bytes, and seconds since 1970. */
export const HashListSignatureSchema = Type.Object({
  KeyId,
  ContentLength: Count,
  PieceSize: Count,
  NotBefore: Count,
  NotAfter: Count,
  Signature: SignatureText,
});
export type HashListSignature = Type.Static<typeof HashListSignatureSchema>;

/** `GET /content-policy/keys` (ours): all sets in order, so that each can be held against the one before. */
export const KeySetsReplySchema = Type.Object({
  KeySets: Type.Array(KeySetSchema, { maxItems: 200 }),
});
export type KeySetsReply = Type.Static<typeof KeySetsReplySchema>;

/** Reads a set of keys from a file. @throws ServiceInvalidReply */
export const parseKeySet: (json: unknown) => KeySet = replyParser(
  'the file of keys',
  KeySetSchema,
  (set) => set,
);

/** Reads sets of keys from an untrusted network. @throws ServiceInvalidReply */
export const parseKeySetsReply: (json: unknown) => KeySetsReply = replyParser(
  'the list of keys',
  KeySetsReplySchema,
  (reply) => reply,
);
