/** Milliseconds since 1970 of an HTTP date (RFC 9110 §5.6.7); undefined when it is none. */
export function parseHttpDate(text: string | undefined): number | undefined {
  if (text === undefined || !/^[A-Za-z]{3,9},? [\w :-]{16,24}(?: GMT)?$/.test(text))
    return undefined;
  const ms = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(ms) ? undefined : ms;
}
