import { createHash } from 'node:crypto';

/** A group as reports have it (reports.md §3): case counts, and so does the NUL at the end. */
export function groupHash(groupId: string): string {
  return createHash('sha256').update(`${groupId}\0`, 'utf16le').digest('base64');
}

/** A URL without query, fragment, user name and password: those of signed URLs are credentials. */
export function plainUrl(text: string): string | null {
  const url = URL.parse(text);
  return url && `${url.origin}${url.pathname}`;
}

/** Text as an event may have it: no control characters, no halves of characters, no longer than that. */
export function plainText(text: string, maxLength: number): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, maxLength)
    .toWellFormed();
}
