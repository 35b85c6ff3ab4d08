import { ManualClock, type SwarmMessage } from '@sluice/protocol';
import { Member, type MemberEvents } from '../member.ts';
import type { PeerConnection } from '../peer-connection.ts';
import type { UploadQueue } from '../upload-queue.ts';

/** A member whose connection only notes what is done to it. */
export function bareMember() {
  const events: unknown[][] = [];
  const sent: SwarmMessage[] = [];
  const pending: ((sent: boolean) => void)[] = [];
  const state: { dropped: unknown } = { dropped: undefined };
  const clock = new ManualClock();
  const connection = {
    clock,
    received: 0,
    send(message: SwarmMessage, done?: (sent: boolean) => void) {
      sent.push(message);
      if (done) pending.push(done);
    },
    flush() {},
    destroy(reason: unknown) {
      state.dropped = reason;
    },
  };
  const note =
    (name: string) =>
    (...args: unknown[]) => {
      events.push([name, ...args]);
    };
  const member = new Member({
    id: 1,
    peerClass: 'Lan',
    connection: connection as unknown as PeerConnection,
    events: {
      hello: note('hello'),
      answered: note('answered'),
      has: note('has'),
      choked: note('choked'),
      interested: note('interested'),
      asked: () => {},
      claimed: note('claimed'),
      released: note('released'),
      phf: note('phf'),
      peers: note('peers'),
    } satisfies MemberEvents,
  });
  return { member, clock, events, sent, pending, state };
}

export const uploadsWith = (calls: string[]) =>
  ({
    request: ({ piece }: { piece: number }) => calls.push(`request ${piece}`),
    cancel: ({ piece }: { piece: number }) => calls.push(`cancel ${piece}`),
  }) as unknown as UploadQueue;
export const extension = (id: number, body: Uint8Array): SwarmMessage => ({
  type: 'extension',
  id,
  body,
});
