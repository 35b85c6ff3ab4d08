/**
 * The content id of a content known by its hash list only: `DO-` and the base64 HashOfHashes
 * with `/` replaced by `-` (wire.md §1).
 */
export function contentIdOf(hashOfHashes: string): string {
  return `DO-${hashOfHashes.replaceAll('/', '-')}`;
}
