export { contentIdOf } from './content-id.ts';
export { type PeerId, parsePeerId, peerIdFromGuid } from './peer-id.ts';
