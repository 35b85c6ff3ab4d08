import type { ContentPolicyReply, DownloadRequest } from '@sluice/protocol';

/** More are not tried. */
const maxMirrors = 8;

/** Where the same object is besides the URL that was asked for: by the caller's word, then the publisher's. */
export function mirrorsOf(
  { Url, Mirrors = [] }: DownloadRequest,
  policy: ContentPolicyReply | undefined,
): string[] {
  const seen = new Set([placeOf(Url)]);
  const others = [...Mirrors, ...(policy?.ContentCdnUrls ?? [])].filter((url) => {
    const place = placeOf(url);
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
  return others.slice(0, maxMirrors);
}

function placeOf(text: string): string {
  const { origin, pathname, search } = new URL(text);
  return origin + pathname + search;
}
