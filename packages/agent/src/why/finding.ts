import type { Refusal, RuledOut } from '@sluice/engine';
import type { DownloadModeName, SluiceError } from '@sluice/protocol';

/**
 * Something a download found out that the user may want to know: what it may not use and why, or what
 * went another way than usual. `wording.ts` puts each into words.
 */
export type Finding =
  /** The mode allows no peers. `setBy`: who set it, for people. */
  | { what: 'modeWithoutPeers'; mode: DownloadModeName; setBy: string | undefined }
  /** A peer gate (policies.md §6) keeps the download from peers. */
  | { what: 'gate'; refusal: Refusal }
  | { what: 'noCloud' }
  /** The cloud's content policy does not allow it from there. `rule`: by its name. */
  | { what: 'notAllowed'; from: 'download' | 'cache' | 'http'; rule: string }
  /** The cloud gave no answer of use. `ruledOut`: nothing else helps, there are no peers. */
  | { what: 'cloudFault'; error: SluiceError; ruledOut: boolean }
  /** Nobody said what the content's HashOfHashes is. */
  | { what: 'noHashOfHashes'; detail: string }
  /** The cloud and the request name different ones. */
  | { what: 'otherHashOfHashes' }
  /** A place where the hash list should be. Without an error: it did not answer in time. */
  | { what: 'hashListFault'; place: string; error?: SluiceError }
  | { what: 'noHashList' }
  | { what: 'noCacheHost' }
  /** A setting rules cache hosts out. */
  | { what: 'cacheRefused'; ruledOut: RuledOut }
  | { what: 'badCacheHost'; error: SluiceError }
  | { what: 'cacheHostUnused'; host: string; because: 'silent' | 'otherVersion' | SluiceError }
  | { what: 'gaveUp'; kind: 'http' | 'cache'; label: string; error: SluiceError }
  /** It brought nothing, and was not given up yet. */
  | { what: 'failing'; kind: 'http' | 'cache'; error: SluiceError }
  | { what: 'arrayFault'; error: SluiceError }
  /** The array named nobody. */
  | { what: 'noPeers'; mode: DownloadModeName }
  /** A peer that was found, and is not connected, or not any more. */
  | { what: 'peerFault'; error: SluiceError }
  /** `because`: as in the engine's log. */
  | { what: 'peerBanned'; because: string }
  | { what: 'objectChanged' }
  | { what: 'begunAnew'; error: SluiceError }
  | { what: 'oneStream'; because: 'noLength' | 'changing' | 'noVersion' };
