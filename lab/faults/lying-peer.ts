/**
 * The corrupt peer of the tests as a process.
 *
 *     node lying-peer.ts <cloud url> <content url> <own address> <number>
 */
import { startCorruptPeer } from '../../test/corrupt-peer.test-kit.ts';

const [cloudUrl, contentUrl, host, number] = process.argv.slice(2);

await startCorruptPeer({
  cloudUrl: cloudUrl!,
  contentUrl: contentUrl!,
  host: host!,
  peerId: `bad${number}`.padEnd(40, '0').replace(/[^0-9a-f]/g, '0'),
});
console.log('ready');
// The lab ends it, or is gone.
process.stdin.on('end', () => process.exit()).resume();
