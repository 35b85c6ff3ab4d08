/** Names whose value is for nobody else. */
const secret = /((?:authorization|token|secret|password|passwd|api[_-]?key)["']?\s*[:=]\s*)/;
/** In quotes, or to the end of the word; an authorization header has two words. */
const value = /("[^"\n]*"|'[^'\n]*'|(?:bearer |basic )?[^\s"',}]+)/;
const secrets = new RegExp(secret.source + value.source, 'gi');

/**
 * A text as strangers may read it: URLs without user names, passwords and query values, where signed
 * links have their secret; no tokens, keys or authorization headers.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(/(\w+:\/\/)[^\s/@"'\\]+@/g, '$1***@')
    .replace(/([?&][\w.~%-]+=)[^\s&"'\\#]+/g, '$1***')
    .replace(secrets, (_, name: string, found: string) => {
      const quote = /^["']/.exec(found)?.[0] ?? '';
      return `${name}${quote}***${quote}`;
    });
}
