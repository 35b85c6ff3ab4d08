import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import {
  type Clock,
  type DownloadRequest,
  type JobFault,
  type SluiceError,
  sluiceError,
} from '@sluice/protocol';
import type { Agent } from '../agent.ts';
import { signed } from '../jobs/hresult-of.ts';
import { JobMachine } from '../jobs/job-machine.ts';
import { type JobRun, runOfDownload } from '../jobs/job-run.ts';
import { JobTarget } from '../jobs/job-target.ts';
import type { CacheChoice } from './cache-choice.ts';
import { DoError, hresults } from './do-error.ts';

/** What downloads of Microsoft's clients need of the device. */
export interface DoSurroundings {
  agent: Pick<Agent, 'download'>;
  cache: CacheChoice;
  /** Where nobody may have a file put: the agent's own. */
  ownFolder: string;
  hasNetwork: () => boolean;
  clock: Clock;
}

/** As the agent of Microsoft has it; there is no way to set another one. */
const noProgressMs = 300_000;
/** curl's own numbers, for what Sluice has a better word (do-client-contract.md §5). */
const curl: Partial<Record<SluiceError['code'], number>> = {
  SourceTruncated: 0xc0d00012,
  SourceReset: 0xc0d00038,
  SourceMalformed: 0xc0d00001,
  SourceTlsFailed: 0xc0d0003c,
};

/** A download of a client of Microsoft's SDK. Nothing of it outlives the process. */
export class DoDownload {
  readonly id = randomUUID();
  readonly uri: string;
  readonly path: string;
  readonly #machine: JobMachine;
  readonly #around: DoSurroundings;
  #target: JobTarget | undefined;
  /** When its client last asked about it. */
  askedAt: number;

  constructor(uri: string, path: string, around: DoSurroundings) {
    this.uri = uri;
    this.path = path;
    this.#around = around;
    this.askedAt = around.clock.now();
    this.#machine = new JobMachine({
      clock: around.clock,
      check: () => this.#check(),
      target: () => this.#targetFile(),
      begin: () => this.#begin(),
      isFatal,
      hasNetwork: around.hasNetwork,
      noProgressMs: () => noProgressMs,
      onChange: () => {},
    });
  }

  /** It may get more bytes without its client. */
  get isRunning(): boolean {
    const now = this.#machine.snapshot();
    return (
      now.State === 'Transferring' ||
      (now.State === 'Paused' && !now.Error && now.ExtendedError !== null)
    );
  }

  start(): void {
    this.#machine.start();
  }

  pause(): Promise<void> {
    return this.#machine.pause();
  }

  finalize(): void {
    this.#machine.finalize();
  }

  abort(): Promise<void> {
    return this.#machine.abort();
  }

  close(): Promise<void> {
    return this.#machine.close();
  }

  /** As `getstatus` gives it; codes are signed decimals. */
  status(): Record<string, string> {
    const now = this.#machine.snapshot();
    return {
      Status: now.State,
      BytesTotal: String(now.BytesTotal),
      BytesTransferred: String(now.BytesTransferred),
      ErrorCode: codeOf(now.Error),
      ExtendedErrorCode: codeOf(now.ExtendedError),
    };
  }

  #check(): void {
    if (this.uri === '') throw sluiceError('JobNoUri');
    if (this.path === '') throw sluiceError('JobNoSink');
    const path = this.#targetFile().path;
    // Any user of this device may call: they must not plant jobs or keys among the agent's own files.
    if (path.includes('\0') || `${path}/`.startsWith(`${this.#around.ownFolder}/`)) {
      throw new DoError(hresults.invalidArgument, 'not a place for a file');
    }
  }

  #targetFile(): JobTarget {
    // Microsoft's agent runs in the root folder.
    const { ownFolder } = this.#around;
    this.#target ??= new JobTarget(resolve('/', this.path), true, {}, { ownFolder });
    return this.#target;
  }

  #begin(): JobRun {
    const { agent, cache } = this.#around;
    const { path } = this.#targetFile();
    const origin = URL.parse(this.uri)?.host;
    // The client was told that its address is well-formed; that no host is there shows here.
    if (origin === undefined) throw sluiceError('JobUrlUnusable');
    const { host, settings } = cache.forOrigin(origin);
    const request: DownloadRequest = { Url: this.uri, Output: path };
    // None of ours is asked in place of the one that the device's own configuration names.
    if (host !== undefined) request.CacheHosts = host === '' ? [] : [host];
    return runOfDownload(async () => {
      const download = await agent.download(request, {
        managed: true,
        followed: { jobId: this.id, ending: (error) => this.#machine.ending(error) },
        owner: 'do-compat',
        confinement: this.#targetFile().confinement,
        ...(settings ? { settings } : {}),
      });
      if (host) cache.watch(download, host, origin);
      return download;
    });
  }
}

function codeOf(fault: JobFault | null): string {
  if (!fault) return '0';
  return String(signed(curl[fault.Code as SluiceError['code']] ?? fault.HResult));
}

/** What ends in Paused at once; all else is tried again until nothing came for too long. */
function isFatal({ code, params }: SluiceError): boolean {
  const { status } = params;
  if (typeof status === 'number') return status >= 400 && status < 500;
  return fatal.has(code);
}

const fatal = new Set<SluiceError['code']>([
  'InvalidArgument',
  'JobUrlUnusable',
  'DiskFull',
  'DiskUnwritable',
  'DiskFailed',
  'TargetUnwritable',
  'SourceCorrupt',
  'Sha256Mismatch',
]);
