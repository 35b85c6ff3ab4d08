import type { Member } from '../member.ts';
import type { PeerClass } from '../peer-class.ts';

/** Members as far as uploads to them go, and what they were told: `unchoke 3`. */
export function uploadMembers(count: number, peerClassOf: (id: number) => PeerClass) {
  const said: string[] = [];
  const members = Array.from({ length: count }, (_, id) => {
    const member = {
      id,
      peerClass: peerClassOf(id),
      served: false,
      cleared: 0,
      has: { count: 1 },
      uploads: {
        idle: true,
        clear: () => {
          member.cleared++;
        },
      },
      connection: { send: ({ type }: { type: string }) => said.push(`${type} ${id}`) },
    };
    return member as typeof member & Member;
  });
  return { said, members };
}
