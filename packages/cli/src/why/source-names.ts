import type { SourceClass } from '@sluice/protocol';
import type { Colour } from '../terminal/colour.ts';

/** Kinds of source as people read them, in the order in which they are shown. */
export const sourceNames: Record<SourceClass, { name: string; colour: Colour }> = {
  http: { name: 'http', colour: 'blue' },
  cache: { name: 'cache', colour: 'yellow' },
  Lan: { name: 'LAN', colour: 'green' },
  LinkLocal: { name: 'link-local', colour: 'green' },
  Group: { name: 'group', colour: 'cyan' },
  Internet: { name: 'internet', colour: 'magenta' },
};

/** One source, short: the URL of the download stands in the head, and a cache host serves the same. */
export function sourceText(from: SourceClass, label: string): string {
  const { name } = sourceNames[from];
  if (from === 'http') return name;
  const host = from === 'cache' ? (URL.parse(label)?.host ?? label) : label;
  return `${name} ${host}`;
}
