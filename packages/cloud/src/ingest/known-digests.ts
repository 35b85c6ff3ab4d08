/** Digests of a whole object, hex in lower case. */
export interface KnownDigests {
  sha256?: string;
  sha512?: string;
}

type Algorithm = keyof KnownDigests;

const hexLength: Record<Algorithm, number> = { sha256: 64, sha512: 128 };

/**
 * The digest that a URL itself names: a blob or manifest of an OCI registry, `by-hash` of an apt archive, the fragment
 * that PyPI writes. Such a URL never means other bytes.
 * @param text with its fragment, if it has one
 */
export function digestsInUrl(text: string): KnownDigests {
  const url = URL.parse(text);
  if (!url) return {};
  const oci = /^\/v2\/.+\/(?:blobs|manifests)\/(sha256|sha512):([0-9a-f]+)$/.exec(url.pathname);
  const apt = /\/by-hash\/(SHA256|SHA512)\/([0-9a-f]+)$/.exec(url.pathname);
  const pypi = /^#(?:.*&)?(sha256|sha512)=([0-9a-f]+)(?:&|$)/i.exec(url.hash);
  return merged([oci, apt, pypi].flatMap((found) => (found ? [digest(found[1]!, found[2]!)] : [])));
}

/**
 * What the caller of the content policy knows: `sha256=HEX`, or `integrity=sha512-BASE64` as npm's lock files have it
 * (several after spaces: all of them are held against it).
 */
export function digestsOfCaller(query: { sha256?: string; integrity?: string }): KnownDigests {
  const tokens = query.integrity?.trim().split(/\s+/) ?? [];
  const parts = tokens.map((token) => {
    const [, name, text] = /^(sha256|sha512)-([A-Za-z0-9+/]+={0,2})(?:\?.*)?$/.exec(token) ?? [];
    return name === undefined ? {} : digest(name, Buffer.from(text!, 'base64').toString('hex'));
  });
  return merged([...(query.sha256 ? [digest('sha256', query.sha256)] : []), ...parts]);
}

/**
 * What the source says of the whole object: Repr-Digest (RFC 9530), or the older Digest (RFC 3230). An answer with a
 * part of it says it of the whole, too.
 */
export function digestsInHeaders(headers: Record<string, unknown>): KnownDigests {
  const parts: KnownDigests[] = [];
  for (const member of listOf(headers.digest)) {
    const [, name, text] = /^sha-(256|512)=([A-Za-z0-9+/]+={0,2})$/i.exec(member) ?? [];
    if (name) parts.push(digest(`sha${name}`, Buffer.from(text!, 'base64').toString('hex')));
  }
  for (const member of listOf(headers['repr-digest'])) {
    const [, name, text] = /^sha-(256|512)=:([A-Za-z0-9+/]+={0,2}):$/i.exec(member) ?? [];
    if (name) parts.push(digest(`sha${name}`, Buffer.from(text!, 'base64').toString('hex')));
  }
  return merged(parts);
}

/** Which digest differs; undefined when none that both know does. */
export function differing(
  known: KnownDigests,
  actual: { sha256: string | null; sha512: string | null },
): Algorithm | undefined {
  return (['sha256', 'sha512'] as const).find(
    (name) => known[name] !== undefined && actual[name] !== null && known[name] !== actual[name],
  );
}

function listOf(header: unknown): string[] {
  return typeof header === 'string' ? header.split(',').map((member) => member.trim()) : [];
}

/** Nothing when the length is wrong: it is no such digest. */
function digest(name: string, hex: string): KnownDigests {
  const algorithm = name.toLowerCase() as Algorithm;
  const lower = hex.toLowerCase();
  return lower.length === hexLength[algorithm] ? { [algorithm]: lower } : {};
}

function merged(parts: KnownDigests[]): KnownDigests {
  return Object.assign({}, ...parts);
}
