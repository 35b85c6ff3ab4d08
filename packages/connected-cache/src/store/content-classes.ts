import { sluiceError } from '@sluice/protocol';

/** Contents that are kept by rules of their own. */
export interface ContentClass {
  name: string;
  /** `host`, `host:port` or `*.suffix`; none = any. */
  hosts?: readonly string[];
  /** Beginnings of the path, with `*` for any characters; none = any. */
  paths?: readonly string[];
  /** The most bytes of it, over all drives. Undefined = it shares what the others leave. */
  maxBytes?: number;
  /** What nobody has asked for so long goes, ms. Undefined = when room is needed. */
  keepMs?: number;
}

/** What belongs to no class. */
export const otherClass = 'other';

/** @throws InvalidArgument */
export function checkClasses(classes: readonly ContentClass[]): void {
  const names = new Set([otherClass]);
  for (const { name, maxBytes, keepMs, hosts, paths } of classes) {
    const wrong =
      (!/^[a-z0-9][a-z0-9_-]{0,39}$/i.test(name) && `"${name}" is no name`) ||
      (names.has(name) && `"${name}" is there already`) ||
      (maxBytes !== undefined && !(maxBytes > 0) && `the quota of "${name}"`) ||
      (keepMs !== undefined && !(keepMs > 0) && `the expiry of "${name}"`) ||
      (!hosts?.length && !paths?.length && `"${name}" names neither host nor path`);
    if (wrong) throw sluiceError('InvalidArgument', { name: 'class', detail: wrong });
    names.add(name);
  }
}

interface Rule {
  readonly class: ContentClass;
  matches(host: string, path: string): boolean;
}

/** Which class an object is of: the first that matches. */
export class ContentClasses {
  readonly all: readonly ContentClass[];
  readonly #rules: Rule[];
  readonly #byName: Map<string, ContentClass>;

  constructor(classes: readonly ContentClass[]) {
    this.all = classes;
    this.#rules = classes.map(ruleOf);
    this.#byName = new Map(classes.map((c) => [c.name, c]));
  }

  /** @param url the key of an object */
  nameOf(url: string): string {
    const { host, path } = splitKey(url);
    return this.#rules.find((rule) => rule.matches(host, path))?.class.name ?? otherClass;
  }

  keepMs(name: string): number | undefined {
    return this.#byName.get(name)?.keepMs;
  }

  get hasExpiry(): boolean {
    return this.all.some(({ keepMs }) => keepMs !== undefined);
  }
}

/** Host (with its port when the URL has one) and path of the key of an object. */
export function splitKey(url: string): { host: string; path: string } {
  const start = url.indexOf('://') + 3;
  const slash = url.indexOf('/', start);
  if (slash < 0) return { host: url.slice(start), path: '/' };
  return { host: url.slice(start, slash), path: url.slice(slash) };
}

/** Whether `pattern` (`host`, `host:port` or `*.suffix`) means the host of a key. */
export function hostMatches(pattern: string, host: string): boolean {
  const wanted = pattern.toLowerCase();
  const bare = host.replace(/:\d+$/, '');
  if (wanted.startsWith('*.')) return bare.endsWith(wanted.slice(1));
  return wanted === host || wanted === bare;
}

function ruleOf(of: ContentClass): Rule {
  const { hosts = [], paths = [] } = of;
  const patterns = paths.map(beginningWith);
  return {
    class: of,
    matches: (host, path) =>
      (hosts.length === 0 || hosts.some((pattern) => hostMatches(pattern, host))) &&
      (patterns.length === 0 || patterns.some((pattern) => pattern.test(path))),
  };
}

function beginningWith(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}`);
}
