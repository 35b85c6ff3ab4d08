import { DoError, hresults } from './do-error.ts';

const names = ['Id', 'Uri', 'DownloadFilePath', 'NoProgressTimeoutSeconds', 'PropertyKey'] as const;
export type ParamName = (typeof names)[number];
export type Params = Partial<Record<ParamName, string>>;

/** A call by its place: the methods that there are, each with its verb. */
const verbs = {
  create: 'POST',
  start: 'POST',
  pause: 'POST',
  finalize: 'POST',
  abort: 'POST',
  setproperty: 'POST',
  getstatus: 'GET',
  getproperty: 'GET',
  enumerate: 'GET',
} as const;
export type Method = keyof typeof verbs;

export interface Call {
  method: Method;
  params: Params;
}

/**
 * Which call a request makes (do-client-contract.md §2, routing and query).
 * @throws DoError unsupported, invalidArgument, badEscape.
 */
export function parseCall(verb: string, target: string): Call {
  const [place, query = ''] = split(target, '?');
  const parts = decoded(pathOf(place)).split('/').filter(Boolean);
  const [room, name] = parts.map((part) => part.toLowerCase());
  const isMethod = parts.length === 2 && room === 'download' && Object.hasOwn(verbs, name!);
  if (!isMethod || verbs[name as Method] !== verb) {
    throw new DoError(hresults.unsupported, `no ${verb} ${place}`);
  }
  return { method: name as Method, params: parseQuery(query) };
}

/** Without scheme and authority, where the target has one; the slash in front may be missing. */
function pathOf(place: string): string {
  const authority = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?\/\/[^/]*/.exec(place)?.[0] ?? '';
  return place.slice(authority.length);
}

function parseQuery(query: string): Params {
  const raw = new Map<string, string>();
  for (const item of query.split('&')) {
    const [name, value] = split(item, '=');
    if (value !== undefined) raw.set(name, value);
  }
  const params: Params = {};
  // Of one name in several spellings the last in their order holds, as in a std::map.
  for (const name of [...raw.keys()].sort()) {
    const known = names.find((each) => each.toLowerCase() === name.toLowerCase());
    if (!known) throw new DoError(hresults.invalidArgument, `unknown query name ${name}`);
    params[known] = decoded(raw.get(name)!);
  }
  return params;
}

/** At the first `mark`; the second part is undefined without one. */
function split(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DoError(hresults.badEscape, `not percent-encoded UTF-8: ${text}`);
  }
}

/** The name in its own spelling. */
export function paramNamed(text: string): ParamName | undefined {
  return names.find((each) => each.toLowerCase() === text.toLowerCase());
}
