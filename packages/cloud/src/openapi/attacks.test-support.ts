import fc from 'fast-check';
import { phf } from '../cloud.test-support.ts';
import type { Attack } from './api-client.test-support.ts';

/** What is read of a schema. */
interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  minLength?: number;
  minItems?: number;
  minimum?: number;
}
export interface Operation {
  method: string;
  path: string;
  parameters: { in: string; name: string; schema: Schema }[];
  body: Schema | undefined;
}

interface OpenApi {
  paths: Record<string, Record<string, Described>>;
}
interface Described {
  parameters?: Operation['parameters'];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

export function operationsOf({ paths }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const body = requestBody?.content['application/json']?.schema;
      return { method: method.toUpperCase(), path, parameters, body };
    }),
  );
}

/** Texts of which one fits most patterns. */
const texts = [
  ...['a', '1', 'abc-1', 'http://source/file', '2026-01-01', '2099-01-01T00:00:00Z', 'Quality 1'],
  ...['0'.repeat(16), '0'.repeat(32), '0'.repeat(40), '0'.repeat(64), `${'A'.repeat(43)}=`],
  ...['00000000-0000-4000-8000-000000000000', 'A'.repeat(43), 'A'.repeat(86), 'Abcdefgh1234-xyz'],
];

/** What no schema says of a field: values with which an operation is done, so that attacks come further than its door. */
const hints: Record<string, unknown> = {
  ...{ GroupId: '01234567-89ab-cdef-0123-456789abcdef', Cidrs: ['10.0.0.0/8'], Phf: phf },
  ...{ ExpiresAt: '2099-01-01T00:00:00Z', At: '2099-01-01T00:00:00Z', Password: 'Tr0ub4dor&3-xyz' },
  ...{ Urls: ['http://source/file'], Port: '7680', Default: { DODownloadMode: 1 }, Forced: {} },
};

/** Something that the schema lets through, as far as that is easily found. */
function sampleOf(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return sampleOf(schema.anyOf[0]!);
  const type = [schema.type ?? 'object'].flat()[0];
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1;
  if (type === 'boolean') return true;
  if (type === 'null') return null;
  if (type === 'array') return schema.items ? [sampleOf(schema.items)] : [];
  if (type === 'object') {
    const properties = Object.entries(schema.properties ?? {});
    return Object.fromEntries(
      properties.map(([name, of]) => [name, hintFor(name, of) ?? sampleOf(of)]),
    );
  }
  const pattern = new RegExp(schema.pattern ?? '', 'u');
  const fits = (text: string) => pattern.test(text) && text.length >= (schema.minLength ?? 0);
  return texts.find(fits) ?? 'a';
}

function hintFor(name: string, { type }: Schema): unknown {
  const hint = hints[name];
  return name === 'Port' && type !== 'string' ? undefined : hint;
}

const depth = 10_000;
const deepArray = '['.repeat(depth) + ']'.repeat(depth);
// As deep as the smallest limit of a body allows.
const deepObject = `${'{"a":'.repeat(depth / 2)}1${'}'.repeat(depth / 2)}`;
const long = 'x'.repeat(20_000);

/** Values as JSON text: what no field, or nearly none, takes. */
const values = [
  ...['null', '[]', '{}', '""', '0', '-1', '-0', '1.5', '1e400', '-1e400', '9007199254740993'],
  ...['99999999999999999999999', 'true', '[null]', '[[]]', '{"a":{}}', deepArray, deepObject],
  ...[
    '"\\u0000"',
    '"a\\r\\nX: y"',
    '"\\ud800"',
    '"__proto__"',
    '"constructor"',
    '"../../etc/passwd"',
  ],
  ...[
    `"' OR 1=1; DROP TABLE content; --"`,
    '"%s%n{{7*7}}$(7*7)"',
    `"${long}"`,
    '"\u202e\u{1f600}"',
  ],
  ...[
    '"http://[::ffff:127.0.0.1]/"',
    '"http://user:pw@h/"',
    '"file:///etc/passwd"',
    '"javascript:1"',
  ],
  ...['"2026-13-45"', '"9999999999999999"', '"+275760-09-13T00:00:00.001Z"'],
];
const anyValue = fc.oneof(
  { arbitrary: fc.constantFrom(...values), weight: 3 },
  { arbitrary: fc.json({ maxDepth: 3 }), weight: 1 },
);

const segments = [
  ...['..%2f..%2fetc%2fpasswd', '%2e%2e/%2e%2e', '%00', 'a%00b', '%0d%0aX:%20y', '/', '//', '%2f'],
  ...[
    'x'.repeat(8192),
    'x'.repeat(300),
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '%ff',
    '%zz',
  ],
  ...[
    '%ed%a0%80',
    `'%20OR%201=1--`,
    '%25%30%30',
    '-1',
    '9'.repeat(30),
    '%F0%9F%98%80',
    ';a=b',
    '*',
  ],
];
const queryTexts = [
  ...segments.slice(2),
  '',
  '0',
  '1e400',
  'NaN',
  '%5B%5D',
  '2026-02-31',
  '9'.repeat(400),
];

const types = [
  ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'],
  ...[
    'application/json; charset=utf-16',
    'application/json-patch+json',
    '',
    'a'.repeat(500),
    '__proto__',
  ],
];
const addresses = ['127.0.0.1', '::1', "1.2.3.4, ' OR 1", 'unknown', 'x'.repeat(5000), '__proto__'];
const json = { 'content-type': 'application/json' };

/** Bodies that are none, for whatever operation. */
function rawBodies(good: string): [string, string | Uint8Array][] {
  return [
    ['truncated', good.slice(0, -1)],
    ['nothing', ''],
    ['deep array', deepArray],
    ['deep object', deepObject],
    ['duplicate keys', good.replace(/^\{/, '{"a":1,"a":2,')],
    ['duplicate of its own', good.replace(/\}$/, `,${good.slice(1)}`)],
    ['__proto__', good.replace(/^\{/, '{"__proto__":{"admin":true},')],
    ['constructor', good.replace(/^\{/, '{"constructor":{"prototype":{"admin":true}},')],
    ['escaped __proto__', good.replace(/^\{/, '{"\\u005f_proto__":{},')],
    ['NaN', '{"a":NaN}'],
    ['binary', Uint8Array.from({ length: 256 }, (_, i) => i)],
    ['byte order mark', `\ufeff${good}`],
    ['NUL behind it', `${good}\0`],
    ['oversized', `{"a":"${'x'.repeat(40_000)}"}`],
    ['a text', '"x"'],
  ];
}

/** Sets one field, somewhere, of what would be right. */
function mutated(sample: unknown, value: string, pick: number): string {
  const marker = '@@@value@@@';
  const copy = structuredClone({ root: sample });
  const places: [Record<string, unknown>, string][] = [];
  const walk = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      places.push([node as Record<string, unknown>, key]);
      walk(child);
    }
  };
  walk(copy);
  const [node, key] = places[pick % places.length]!;
  node[key] = marker;
  return JSON.stringify(copy.root).replace(`"${marker}"`, () => value);
}

/** The requests with which an operation is tried: the same each time. @param count of those drawn by lot. */
export function attacksOn(operation: Operation, count: number, seed: number): Attack[] {
  const { method, path, parameters, body } = operation;
  const named = (where: string) => parameters.filter((p) => p.in === where);
  // One that is there.
  const known = path.startsWith('/admin/reports/') ? 'ucdo-status' : 'abc-1';
  const fill = (segment = known) => path.replaceAll(/\{\w+\}/g, segment);
  const required = named('query').map(
    (p) => `${p.name}=${encodeURIComponent(String(sampleOf(p.schema)))}`,
  );
  const target = (segment?: string, query: readonly string[] = required) =>
    fill(segment) + (query.length > 0 ? `?${query.join('&')}` : '');
  const good = JSON.stringify(body ? sampleOf(body) : {});
  const sends = method !== 'GET' && method !== 'HEAD';
  const whole = sends ? { headers: json, body: good } : {};
  const attack = (name: string, given: Partial<Attack>): Attack => ({
    ...{ name, path: target(), method },
    ...whole,
    ...given,
  });
  const fixed = [
    ...(path.includes('{')
      ? segments
          .filter((_, i) => (i + seed) % 2 === 0)
          .map((s) => attack(`segment ${s}`, { path: target(s) }))
      : []),
    attack('query __proto__', {
      path: target(undefined, ['__proto__=1', 'constructor[prototype]=1']),
    }),
    ...named('query').map(({ name }) =>
      attack(`NUL in ${name}`, { path: target(undefined, [`${name}=a%00b`]) }),
    ),
    ...named('query').map(({ name }) =>
      attack('twice', { path: target(undefined, [`${name}=a`, `${name}=b`]) }),
    ),
    attack('bad gzip', {
      headers: { ...json, 'content-encoding': 'gzip' },
      body: '\x1f\x8b\x08nonsense',
    }),
    attack('encoding', { headers: { ...json, 'content-encoding': 'br, __proto__' }, body: good }),
    ...(sends ? rawBodies(good).map(([name, raw]) => attack(name, { body: raw })) : []),
  ].map((a) => (a.body === '' ? { ...a, headers: {} } : a));
  const drawn = fc.oneof(
    ...(named('query').length > 0
      ? [
          fc
            .tuple(fc.constantFrom(...named('query')), fc.constantFrom(...queryTexts))
            .map(([{ name }, text]) =>
              attack(`query ${name}=${text}`, { path: target(undefined, [`${name}=${text}`]) }),
            ),
        ]
      : []),
    ...(sends && body
      ? [
          fc.tuple(anyValue, fc.nat(1000)).map(([value, pick]) => {
            const text = mutated(sampleOf(body), value, pick);
            return attack(`body ${text.slice(0, 300)}`, { body: text });
          }),
        ]
      : []),
    fc
      .constantFrom(...types)
      .map((type) => attack(`type ${type}`, { headers: { 'content-type': type }, body: good })),
    fc.constantFrom(...addresses).map((a) =>
      attack(`from ${a}`, {
        headers: {
          ...whole.headers,
          'x-forwarded-for': a,
          'x-forwarded-host': a,
          forwarded: `for=${a}`,
        },
      }),
    ),
    fc
      .constantFrom('evil.example:99999', '[::1', 'a b', "x'><script>", '169.254.169.254')
      .map((host) => attack(`host ${host}`, { headers: { ...whole.headers, host } })),
    fc
      .constantFrom('PUT', 'PATCH', 'OPTIONS', 'PROPFIND', 'DELETE', 'TRACE', 'QUERY')
      .map((other) => attack(`method ${other}`, { method: other })),
  );
  return [...fixed, ...fc.sample(drawn, { numRuns: count, seed })];
}
