/**
 * What a message of type 20 carries, by its first byte (ours, wire.md §2). A peer ignores ids that it
 * does not know. `release` has the body of `claim`: runs that are fetched no longer.
 */
export const ExtensionId = {
  hello: 0,
  claim: 1,
  phfRequest: 2,
  phfData: 3,
  peers: 4,
  release: 5,
  challenge: 6,
  proof: 7,
} as const;
