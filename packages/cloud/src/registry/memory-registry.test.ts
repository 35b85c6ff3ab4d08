import { MemorySwarmRegistry } from './memory-registry.ts';
import { swarmRegistryContract } from './registry-contract.test-support.ts';

swarmRegistryContract('memory', async (options) => new MemorySwarmRegistry(options));
