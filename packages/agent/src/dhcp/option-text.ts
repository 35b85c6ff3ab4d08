const maxBytes = 255;

/**
 * The text of an option: UTF-8 without control characters, of one option's length. A NUL at the end is
 * common. Undefined for anything else: a network is no friend.
 */
export function optionText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length > maxBytes) return undefined;
  const end = bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end)).trim();
    return text === '' || /\p{Cc}/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The bytes of hex digits, with or without colons; undefined when they are none. */
export function hexBytes(text: string): Uint8Array | undefined {
  const digits = text.split(':').map((byte) => (text.includes(':') ? byte.padStart(2, '0') : byte));
  const all = digits.join('');
  const isRight = all.length % 2 === 0 && all.length <= 2 * maxBytes && /^[0-9a-f]+$/i.test(all);
  return isRight ? Buffer.from(all, 'hex') : undefined;
}
