/** A piece of an XML text. */
export type XmlToken =
  | { kind: 'open' | 'close'; name: string; attributes: Record<string, string> }
  | { kind: 'text'; text: string };

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

/**
 * The tags and texts of an XML text in order, in time linear to its length: enough for SyncML. An empty
 * element is opened and closed. Document types and entities of one's own are not known.
 * @returns undefined when it is not well formed.
 */
export function xmlTokens(xml: string): XmlToken[] | undefined {
  const tokens: XmlToken[] = [];
  for (let at = 0; at < xml.length; ) {
    if (xml[at] !== '<') {
      const end = xml.indexOf('<', at);
      const to = end < 0 ? xml.length : end;
      tokens.push({ kind: 'text', text: decoded(xml.slice(at, to)) });
      at = to;
      continue;
    }
    const [start, stop] = bracketsAt(xml, at);
    const end = xml.indexOf(stop, at + start.length);
    if (end < 0) return undefined;
    const inside = xml.slice(at + start.length, end);
    at = end + stop.length;
    if (start === '<![CDATA[') tokens.push({ kind: 'text', text: inside });
    else if (start === '<') tokens.push(...tagOf(inside));
  }
  return tokens;
}

function bracketsAt(xml: string, at: number): [string, string] {
  if (xml.startsWith('<![CDATA[', at)) return ['<![CDATA[', ']]>'];
  if (xml.startsWith('<!--', at)) return ['<!--', '-->'];
  if (xml.startsWith('<?', at)) return ['<?', '?>'];
  return xml.startsWith('<!', at) ? ['<!', '>'] : ['<', '>'];
}

function tagOf(inside: string): XmlToken[] {
  const isClose = inside.startsWith('/');
  const isEmpty = inside.endsWith('/');
  const [, prefixed = ''] = /^\/?([\w:.-]+)/.exec(inside) ?? [];
  const name = prefixed.slice(prefixed.indexOf(':') + 1);
  if (isClose) return [{ kind: 'close', name, attributes: {} }];
  const attributes = Object.fromEntries(
    [...inside.matchAll(/([\w:.-]{1,100})\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map((m) => [
      m[1]!,
      decoded(m[2] ?? m[3] ?? ''),
    ]),
  );
  const open: XmlToken = { kind: 'open', name, attributes };
  return isEmpty ? [open, { kind: 'close', name, attributes: {} }] : [open];
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,4}));/gi, (all, dec, hex, name) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? all;
    const code = dec === undefined ? Number.parseInt(hex, 16) : Number(dec);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
