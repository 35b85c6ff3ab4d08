import type { DialBook } from './dial-book.ts';
import type { Member } from './member.ts';

/**
 * Who said something a moment ago has likely just got everything, as this device, and has a file to hand over: of twenty
 * that end together each was held up by a tenth of a second with leaving the others, ms.
 */
const quietMs = 1_000;

/**
 * Who has everything is of no use to who has everything: the places are for others. What one is sending still is of no use
 * at all, and waited for by who is at its end: it goes at once.
 */
export function dropSeeds(members: Iterable<Member>, book: DialBook, now: number): void {
  for (const m of members) {
    const { connection } = m;
    const isBusy = connection.activeConnections > 0;
    if (!m.isSeed || (!isBusy && now - connection.lastHeard < quietMs)) continue;
    book.isSeed(connection.peerId);
    connection.destroy();
  }
}
