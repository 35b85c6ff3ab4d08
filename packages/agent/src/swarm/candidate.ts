import type { PeerEntry } from '@sluice/protocol';

/** Who named a peer: a device on the local network itself, the array, or another peer. */
export type Finder = 'local' | 'array' | 'peer';

/** Whose word counts first: who was heard on the network is there. */
const finders: readonly Finder[] = ['local', 'array', 'peer'];

/** Addresses of one peer that are kept, by who named them; the latest count. */
const maxAddresses = { local: 4, array: 1, peer: 2 } as const satisfies Record<Finder, number>;

/** A peer we could connect to. */
export interface Candidate {
  named: Record<Finder, PeerEntry[]>;
  failures: number;
  notBefore: number;
  state: 'idle' | 'connecting' | 'greeting';
  /** When the connection was made that we have to it. */
  connectedAt: number;
}

export function newCandidate(): Candidate {
  const named = { local: [], array: [], peer: [] };
  return { named, failures: 0, notBefore: 0, state: 'idle', connectedAt: 0 };
}

/** Takes a finder's word. @returns whether the address is a new one. */
export function nameAddress({ named }: Candidate, entry: PeerEntry, by: Finder): boolean {
  const isNew = !finders.some((f) => named[f].some((e) => sameAddress(e, entry)));
  const others = named[by].filter((e) => !sameAddress(e, entry));
  named[by] = [entry, ...others].slice(0, maxAddresses[by]);
  return isNew;
}

/** All addresses, each once, in the order in which they are to be tried, with who named them. */
export function addressesOf({ named }: Candidate): { entry: PeerEntry; by: Finder }[] {
  const all = finders.flatMap((by) => named[by].map((entry) => ({ entry, by })));
  return all.filter(({ entry }, i) => all.findIndex((a) => sameAddress(a.entry, entry)) === i);
}

/** Forgets one that leads nowhere, unless it is the only one. */
export function dropAddress(candidate: Candidate, entry: PeerEntry): void {
  if (addressesOf(candidate).length <= 1) return;
  for (const by of finders) {
    candidate.named[by] = candidate.named[by].filter((e) => !sameAddress(e, entry));
  }
}

/** The peer lacks nothing, whatever was said. */
export function nameSeed({ named }: Candidate): void {
  for (const by of finders) named[by] = named[by].map((entry) => ({ ...entry, Left: 0 }));
}

/** Whether somebody but a peer named it. */
export function isVouchedFor({ named }: Candidate): boolean {
  return named.local.length + named.array.length > 0;
}

function sameAddress(a: PeerEntry, b: PeerEntry): boolean {
  return a.Ip === b.Ip && a.Port === b.Port;
}
