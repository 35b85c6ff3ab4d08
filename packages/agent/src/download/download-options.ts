import type { TrustedContent } from '../jobs/job.ts';
import type { CachingRecord, Confinement } from '../store/index.ts';
import type { Download } from './download.ts';
import type { WantedRanges } from './fetch-ranges.ts';

export interface DownloadOptions {
  id?: string | undefined;
  /** Keep a copy in the store and share it after it was delivered. */
  keep: boolean;
  /** The file was delivered in an earlier life of the agent: only share it. */
  delivered?: boolean | undefined;
  /** Fetched again for the store only, which kept it like this before: nothing is delivered. */
  refetch?: { caching: CachingRecord | undefined } | undefined;
  /** Who asked: those who ask take turns when many wait. */
  owner?: string | undefined;
  /** Where its file may be: it is for somebody with less rights than the agent. */
  confinement?: Confinement | undefined;
  /** Only these bytes of the file, into the file that may be there. */
  ranges?: WantedRanges | undefined;
  /** Fail rather than take what cannot be verified. */
  mustVerify?: boolean | undefined;
  /** What an earlier life knew of the content. */
  trusted?: TrustedContent | undefined;
  /** Told when `trusted` is learnt. */
  onTrusted?: ((download: Download) => void) | undefined;
  /** Told when it was moved to the foreground or the background. */
  onForeground?: ((download: Download) => void) | undefined;
}
