export { keyIdOf, publicKeyText } from './ed25519.ts';
export { type SignedContent, signatureFault, signHashList } from './hash-list-signature.ts';
export { keySetFault, newestKeySet, nextKeySet } from './key-sets.ts';
