/**
 * The second face of the package: who has what, without services around it, for the simulator, which
 * runs it on a virtual clock.
 *
 * ```ts
 * const registry = new MemorySwarmRegistry({ clock, random });
 * const { Peers } = await registry.join('content', member, 50);
 * ```
 * @module
 */
export { MemorySwarmRegistry } from './memory-registry.ts';
export type { SwarmMember } from './swarm-registry.ts';
