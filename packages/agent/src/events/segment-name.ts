import { randomBytes } from 'node:crypto';

/** Time in ms since 1970, so that names sort by age; then what makes them unlike each other. */
const form = /^(\d{15})-[0-9a-f]{8}\.(jsonl|open)$/;

/** A part of the spool: a file of events, one a line. */
export interface SegmentName {
  name: string;
  /** When its first event came, ms since 1970. */
  begun: number;
  /** Its agent was writing it when it ended. */
  isOpen: boolean;
}

/** The name of a segment that is written whole. @param count of those that this process has made. */
export function newSegmentName(now: number, count: number): string {
  const order = (count % 65_536).toString(16).padStart(4, '0');
  return `${String(now).padStart(15, '0')}-${order}${randomBytes(2).toString('hex')}.jsonl`;
}

/** The same while it is still written. */
export function openName(name: string): string {
  return name.replace(/jsonl$/, 'open');
}

export function closedName(name: string): string {
  return name.replace(/open$/, 'jsonl');
}

/** The segments among the names in a folder, the oldest first. */
export function segmentsAmong(names: readonly string[]): SegmentName[] {
  return names
    .flatMap((name) => {
      const [, begun, ending] = form.exec(name) ?? [];
      return begun === undefined ? [] : [{ name, begun: Number(begun), isOpen: ending === 'open' }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
