import type { DialBook } from './dial-book.ts';
import type { Member } from './member.ts';

/** Who has everything is of no use to who has everything: the places are for others. */
export function dropSeeds(members: Iterable<Member>, book: DialBook): void {
  for (const m of members) {
    if (!m.isSeed) continue;
    book.isSeed(m.connection.peerId);
    m.connection.destroy();
  }
}
