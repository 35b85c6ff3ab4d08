const fallback = 'download';
const maxBytes = 200;

/**
 * A file name from the last path segment of a URL: one that is allowed on every system, is not hidden,
 * does not look like a flag and cannot lead out of the folder.
 */
export function safeNameOf(url: string): string {
  const segment = new URL(url).pathname.split('/').at(-1) ?? '';
  const name = decode(segment)
    // Separators, what Windows forbids, and characters that show a name other than it is
    // (control characters, marks that turn the direction of writing).
    .replace(/[/\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '_')
    .replace(/^[\s.\-~]+/, '')
    .replace(/[\s.]+$/, '');
  if (name === '') return fallback;
  return shorten(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name) ? `_${name}` : name);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // Not UTF-8: the escapes stay as they are.
  }
}

/** Cuts in the middle, so that the extension stays. File systems limit bytes, not characters. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const extension = /\.[\w.]{1,15}$/.exec(name)?.[0] ?? '';
  let stem = name.slice(0, name.length - extension.length);
  while (Buffer.byteLength(stem) + extension.length > maxBytes)
    stem = [...stem].slice(0, -1).join('');
  return stem + extension;
}
