import { resolve } from 'node:path';
import {
  type Clock,
  type DownloadRequest,
  type JobProperties,
  type JobRange,
  type JobStatus,
  type SluiceError,
  sluiceError,
} from '@sluice/protocol';
import type { Agent } from '../agent.ts';
import type { WantedRanges } from '../download/fetch-ranges.ts';
import { checkProperties } from './check-properties.ts';
import { headersOf, withoutSecrets } from './http-headers.ts';
import type { TrustedContent } from './job.ts';
import { JobMachine } from './job-machine.ts';
import type { JobRecord } from './job-record.ts';
import { type JobRun, runOfDownload } from './job-run.ts';
import { JobTarget } from './job-target.ts';
import { checkReadable } from './property-rules.ts';
import { wantedRanges } from './wanted-ranges.ts';

const defaultNoProgressSecs = 300;

/** What jobs need of the device. */
export interface JobSurroundings {
  agent: Pick<Agent, 'download'>;
  /** Where nobody but the administrator may have a file put: the agent's own. */
  ownFolder: string;
  hasNetwork: () => boolean;
  clock: Clock;
  /** The job has changed. */
  onChange: (job: ManagedJob) => void;
}

/** A download that its caller starts, pauses, resumes and ends (workflow.md §12). */
export class ManagedJob {
  readonly id: string;
  readonly owner: string;
  readonly #privileged: boolean;
  readonly #machine: JobMachine;
  readonly #around: JobSurroundings;
  readonly #watchers = new Set<() => void>();
  readonly #before: JobRecord;
  #properties: JobProperties;
  #ranges: WantedRanges | undefined;
  #target: JobTarget | undefined;
  #trusted: TrustedContent | undefined;

  constructor(record: JobRecord, around: JobSurroundings) {
    this.id = record.Id;
    this.owner = record.Owner;
    this.#privileged = record.Privileged;
    this.#properties = record.Properties;
    this.#trusted = record.Trusted;
    this.#before = record;
    this.#around = around;
    if (record.Ranges) {
      const end = (to: number | null) => to ?? Number.POSITIVE_INFINITY;
      this.#ranges = {
        parts: record.Ranges.map(({ Start, End }) => ({ start: Start, end: end(End), done: 0 })),
      };
    }
    const options = {
      clock: around.clock,
      check: () => this.#check(),
      target: () => this.#targetFile(),
      begin: () => this.#begin(),
      isFatal,
      hasNetwork: around.hasNetwork,
      noProgressMs: () =>
        1_000 * (this.#properties.NoProgressTimeoutSeconds ?? defaultNoProgressSecs),
      onChange: () => this.#changed(),
    };
    this.#machine = new JobMachine(options, record.Snapshot);
  }

  get state() {
    return this.#machine.state;
  }

  get properties(): Readonly<JobProperties> {
    return this.#properties;
  }

  status(): JobStatus {
    const run = this.#machine.run;
    return {
      Id: this.id,
      Owner: this.owner,
      ...this.#machine.snapshot(),
      Queued: run?.waits ?? false,
      Properties: withoutSecrets(this.#properties),
      DownloadId: run?.id ?? null,
    };
  }

  record(): JobRecord {
    return {
      Id: this.id,
      Owner: this.owner,
      Privileged: this.#privileged,
      Properties: this.#properties,
      Snapshot: this.#machine.snapshot(),
      Target: this.#target?.memory ?? this.#before.Target,
      ...(this.#ranges && {
        Ranges: this.#ranges.parts.map(({ start, end }) => ({
          Start: start,
          End: Number.isFinite(end) ? end : null,
        })),
      }),
      ...(this.#trusted && { Trusted: this.#trusted }),
    };
  }

  /** @throws PropertyUnknown, PropertyUnsupported, PropertyWriteOnly. */
  property(name: string): unknown {
    checkReadable(name);
    if (name === 'Id') return this.id;
    if (name === 'TotalSizeBytes') return this.#machine.snapshot().BytesTotal;
    return this.#properties[name] ?? null;
  }

  /** @throws Property errors, JobInvalidState. */
  set(given: Readonly<Record<string, unknown>>): void {
    const values = checkProperties(given, this.state);
    // Another address may be of another content; what is known of the old one must not vouch for it.
    if (values.Uri !== undefined || values.HashOfHashes !== undefined) this.#trusted = undefined;
    this.#properties = { ...this.#properties, ...values };
    const { ForegroundPriority } = values;
    if (ForegroundPriority !== undefined) this.#machine.run?.setForeground(ForegroundPriority);
    this.#changed();
  }

  /**
   * Starts or resumes it. @param ranges parts of the file, at the first start or, for more of them, when
   * it is Transferred.
   * @throws JobRanges errors, what is missing for it, Disk errors, JobInvalidState.
   */
  start(ranges: readonly JobRange[] = []): void {
    const { state } = this;
    if (ranges.length === 0) {
      this.#machine.start();
      return;
    }
    if (state === 'Created') {
      this.#ranges = { parts: wantedRanges(ranges) };
      try {
        this.#machine.start();
      } catch (error) {
        this.#ranges = undefined;
        this.#target = undefined;
        throw error;
      }
    } else if (state === 'Transferred' && this.#ranges) {
      this.#ranges.parts = wantedRanges(ranges, this.#ranges.parts);
      this.#machine.startAgain();
    } else {
      const detail = state === 'Transferred' ? 'the whole file is here' : `the job is ${state}`;
      throw sluiceError('JobRangesUnexpected', { detail });
    }
  }

  takeUp(): void {
    this.#machine.takeUp();
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

  /** Deletes what an abort that was cut short has left. @throws Disk errors. */
  removeFile(): void {
    if (this.#before.Target.Own) this.#targetFile().remove();
  }

  close(): Promise<void> {
    return this.#machine.close();
  }

  /** @returns a function that ends the subscription. */
  subscribe(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  #changed(): void {
    this.#around.onChange(this);
    for (const fn of this.#watchers) fn();
  }

  #check(): void {
    const { Uri, LocalPath, Sha256, HashOfHashes, IntegrityCheckMandatory } = this.#properties;
    if (Uri === undefined) throw sluiceError('JobNoUri');
    if (LocalPath === undefined) throw sluiceError('JobNoSink');
    if (!this.#privileged && `${resolve(LocalPath)}/`.startsWith(`${this.#around.ownFolder}/`)) {
      throw sluiceError('PropertyInvalid', { name: 'LocalPath', value: LocalPath });
    }
    if (!this.#ranges) return;
    if (IntegrityCheckMandatory) throw sluiceError('JobNotVerifiable');
    if (Sha256 !== undefined || HashOfHashes !== undefined) {
      const detail = 'parts of a file cannot be held against the hash of the whole';
      throw sluiceError('JobRangesInvalid', { detail });
    }
  }

  #targetFile(): JobTarget {
    const { LocalPath } = this.#properties;
    if (LocalPath === undefined) throw sluiceError('JobNoSink');
    const isExclusive = !this.#privileged || this.#ranges !== undefined;
    const uid = /^uid (\d+)$/.exec(this.owner)?.[1];
    const bounds = {
      ownFolder: this.#around.ownFolder,
      uid: uid === undefined ? undefined : Number(uid),
    };
    this.#target ??= new JobTarget(
      LocalPath,
      isExclusive,
      this.#before.Target,
      this.#privileged ? undefined : bounds,
    );
    return this.#target;
  }

  #begin(): JobRun {
    const { Uri, LocalPath, ForegroundPriority, IntegrityCheckMandatory, ...more } =
      this.#properties;
    const { DisplayName: _, NoProgressTimeoutSeconds: __, ...rest } = more;
    const { HttpCustomHeaders: ___, HttpCustomAuthHeaders: ____, ...ours } = rest;
    const Headers = headersOf(this.#properties);
    const request: DownloadRequest = {
      ...ours,
      Url: Uri!,
      Output: LocalPath!,
      ...(Headers && { Headers }),
      ...(ForegroundPriority !== undefined && { Foreground: ForegroundPriority }),
    };
    return runOfDownload(() =>
      this.#around.agent.download(request, {
        managed: true,
        followed: { jobId: this.id, ending: (error) => this.#machine.ending(error) },
        owner: this.owner,
        ranges: this.#ranges,
        confinement: this.#targetFile().confinement,
        mustVerify: IntegrityCheckMandatory,
        trusted: this.#trusted,
        onTrusted: ({ trusted }) => {
          this.#trusted = trusted;
          this.#around.onChange(this);
        },
        onForeground: ({ foreground }) => {
          this.#properties = { ...this.#properties, ForegroundPriority: foreground.current };
          this.#changed();
        },
      }),
    );
  }
}

/** What is no trouble of the moment. */
function isFatal({ code, params }: SluiceError): boolean {
  return params.retryable !== true && code !== 'NoSourceLeft' && code !== 'SourceChanged';
}
