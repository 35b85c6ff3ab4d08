import {
  type Clock,
  ExtensionId,
  encodePhfRequest,
  maxPhfBytes,
  type PhfData,
  type PiecesHashFile,
  parsePiecesHashFile,
  verifyPiecesHashFile,
} from '@sluice/protocol';
import type { ContentSwarm } from '../swarm/content-swarm.ts';
import type { Member } from '../swarm/member.ts';

/** How long peers are looked for and asked in all. */
const timeoutMs = 5_000;
/** A peer that has not answered by then is left for the next one. */
const answerMs = 1_500;

/**
 * Gets the pieces hash file from whichever peer has it; there is no "I have none" in the protocol, so
 * a peer that stays silent is passed over. The watcher of the swarm is replaced meanwhile.
 * @returns undefined when no peer gave one that verifies.
 */
export function phfFromPeers(
  swarm: ContentSwarm,
  trustedHashOfHashes: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<PiecesHashFile | undefined> {
  return new Promise((resolve) => {
    const candidates: Member[] = [];
    let asked: Member | undefined;
    let bytes: Uint8Array[] = [];
    let cancelAnswer = () => {};
    const finish = (phf: PiecesHashFile | undefined) => {
      cancelAnswer();
      cancelTimeout();
      signal.removeEventListener('abort', onAbort);
      swarm.watch(undefined);
      resolve(phf);
    };
    const onAbort = () => finish(undefined);
    const cancelTimeout = clock.setTimer(timeoutMs, () => finish(undefined));
    signal.addEventListener('abort', onAbort, { once: true });

    const request = (member: Member, offset: number) => {
      cancelAnswer();
      cancelAnswer = clock.setTimer(answerMs, askNext);
      const body = encodePhfRequest({ offset });
      member.connection.send({ type: 'extension', id: ExtensionId.phfRequest, body });
    };
    const askNext = () => {
      cancelAnswer();
      asked = candidates.shift();
      bytes = [];
      if (asked) request(asked, 0);
    };
    const onData = (member: Member, data: PhfData) => {
      const have = bytes.reduce((n, b) => n + b.length, 0);
      if (member !== asked || data.offset !== have || data.bytes.length === 0) return;
      if (data.total > maxPhfBytes) return askNext();
      bytes.push(data.bytes.slice());
      if (have + data.bytes.length < data.total) return request(member, have + data.bytes.length);
      const phf = checked(Buffer.concat(bytes), trustedHashOfHashes);
      if (phf) finish(phf);
      else askNext();
    };
    const consider = (member: Member) => {
      if (!member.hello?.features.includes('phf')) return;
      candidates.push(member);
      if (!asked) askNext();
    };
    const ignore = () => {};
    swarm.watch({
      joined: consider,
      hello: consider,
      left: (member) => {
        if (member === asked) askNext();
      },
      phf: onData,
      has: ignore,
      choked: ignore,
      claimed: ignore,
      released: ignore,
    });
  });
}

function checked(bytes: Uint8Array, trusted: string): PiecesHashFile | undefined {
  try {
    const phf = parsePiecesHashFile(bytes);
    verifyPiecesHashFile(phf, trusted);
    return phf;
  } catch {
    // A peer's word is worth nothing by itself: the next peer is asked.
    return undefined;
  }
}
