import { type PeerId, parsePeerId } from '../ids/index.ts';
import { type ContentKey, offerToken, tokenLength } from './offer-token.ts';

/** DNS-SD service type and domain of peers (ours, wire.md §4). */
export const localService = '_sluice._tcp.local';

/** Contents offered at once (policies.md §7). */
export const maxOffers = 4;

export const saltLength = 16;

/** What a device says of itself on the local network: SRV has the port, TXT the rest. */
export interface Advert {
  peerId: PeerId;
  /** TCP port on which it takes peers, 1 to 65535. */
  port: number;
  /** 16 bytes, others in each version of the record. */
  salt: Uint8Array;
  /** At most `maxOffers`, among them random ones that stand for nothing. */
  tokens: Uint8Array[];
}

/** The strings of the TXT record: `v=1`, `s=` salt, `c=` all tokens, both base64url. */
export function encodeAdvertTxt({ salt, tokens }: Pick<Advert, 'salt' | 'tokens'>): string[] {
  if (salt.length !== saltLength) throw new RangeError(`salt of ${salt.length} bytes`);
  if (tokens.length > maxOffers) throw new RangeError(`${tokens.length} tokens`);
  if (!tokens.every((t) => t.length === tokenLength)) throw new RangeError('token length');
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  return ['v=1', `s=${text(salt)}`, `c=${text(Buffer.concat(tokens))}`];
}

/**
 * Reads an advert from an untrusted network. Further TXT strings and higher versions pass.
 * @param instance the first label of the instance's name: the peer id.
 * @returns undefined when it is none that we understand.
 */
export function decodeAdvert(
  instance: string,
  port: number,
  txt: readonly Uint8Array[],
): Advert | undefined {
  if (!/^[0-9a-fA-F]{40}$/.test(instance)) return undefined;
  if (!Number.isInteger(port) || port < 1 || port > 0xffff) return undefined;
  const values = new Map<string, string>();
  for (const string of txt.slice(0, 16)) {
    const [key, value] = split(Buffer.from(string).toString('latin1'));
    // The first one counts (RFC 6763 §6.4).
    if (!values.has(key)) values.set(key, value);
  }
  const salt = bytesOf(values.get('s'));
  const tokens = bytesOf(values.get('c'));
  if (!values.has('v') || salt?.length !== saltLength || !tokens) return undefined;
  const count = tokens.length / tokenLength;
  if (!Number.isInteger(count) || count > maxOffers) return undefined;
  return {
    peerId: parsePeerId(instance),
    port,
    salt,
    tokens: Array.from({ length: count }, (_, i) =>
      tokens.subarray(i * tokenLength, (i + 1) * tokenLength),
    ),
  };
}

/** Whether the advert offers this content; undefined = it does not, as far as we can know. */
export function recogniseOffer(
  advert: Advert,
  key: ContentKey,
): 'complete' | 'partial' | undefined {
  for (const complete of [true, false]) {
    const expected = offerToken(key, { ...advert, complete });
    if (advert.tokens.some((token) => Buffer.compare(token, expected) === 0)) {
      return complete ? 'complete' : 'partial';
    }
  }
  return undefined;
}

function split(string: string): [key: string, value: string] {
  const at = string.indexOf('=');
  return at < 0
    ? [string.toLowerCase(), '']
    : [string.slice(0, at).toLowerCase(), string.slice(at + 1)];
}

function bytesOf(text: string | undefined): Uint8Array | undefined {
  if (text === undefined || text.length > 128 || !/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}
