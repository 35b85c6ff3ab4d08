import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type Clock, type JobFilter, type JobStatus, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { Agent } from '../agent.ts';
import { checkProperties } from './check-properties.ts';
import { asJobRecord, type JobRecord } from './job-record.ts';
import { ManagedJob } from './managed-job.ts';
import { RecordStore } from './record-store.ts';

/** Each is a file and a few KiB of memory. */
const maxJobs = 100_000;
/** Who makes jobs without an end keeps nobody else from making some. */
const maxJobsOfUser = 10_000;

/** Who asks. */
export interface Caller {
  name: string;
  /** Sees and controls the jobs of all. */
  isAdmin: boolean;
}

export interface JobDeskOptions {
  agent: Pick<Agent, 'download'>;
  dataDir: string;
  hasNetwork: () => boolean;
  clock: Clock;
  logger: Logger;
  /** Of a user who is no administrator, if not given 10,000. */
  maxJobsOfUser?: number | undefined;
}

/** The jobs of all callers: on disk before their caller hears of them, taken up after a restart. */
export class JobDesk implements AsyncDisposable {
  readonly #options: JobDeskOptions;
  readonly #store: RecordStore<JobRecord>;
  readonly #jobs = new Map<string, ManagedJob>();
  /** What is being written of each; more changes meanwhile go into the same writing. */
  readonly #saving = new Map<string, Promise<void>>();
  #isClosing = false;

  private constructor(options: JobDeskOptions) {
    this.#options = options;
    const folder = join(options.dataDir, 'caller-jobs');
    this.#store = new RecordStore(folder, async (value) => asJobRecord(value), options.logger);
  }

  /** @throws Disk errors. */
  static async open(options: JobDeskOptions): Promise<JobDesk> {
    const desk = new JobDesk(options);
    for (const record of await desk.#store.all()) await desk.#takeUp(record);
    return desk;
  }

  /** @throws Property errors, JobTooMany, Disk errors. */
  async create(caller: Caller, properties: Record<string, unknown>): Promise<ManagedJob> {
    this.#checkNumber(caller);
    const job = this.#add({
      Id: randomUUID(),
      Owner: caller.name,
      Privileged: caller.isAdmin,
      Properties: checkProperties(properties, 'Created'),
      Snapshot: {
        State: 'Created',
        BytesTotal: 0,
        BytesTransferred: 0,
        Error: null,
        ExtendedError: null,
      },
      Target: {},
    });
    try {
      await this.save(job);
      return job;
    } catch (error) {
      this.#jobs.delete(job.id);
      throw error;
    }
  }

  /** @throws JobUnknown also when it is another's. */
  find(caller: Caller, id: string): ManagedJob {
    const job = this.#jobs.get(id);
    if (job && mayControl(caller, job)) return job;
    throw sluiceError('JobUnknown', { id });
  }

  list(caller: Caller, filter: JobFilter = {}): JobStatus[] {
    const wanted = Object.entries(filter);
    return [...this.#jobs.values()]
      .filter((job) => mayControl(caller, job))
      .filter((job) => wanted.every(([name, value]) => job.property(name) === value))
      .map((job) => job.status());
  }

  /** Ends a job, done or not, and forgets it. @throws JobInvalidState, Disk errors. */
  async end(job: ManagedJob, how: 'finalize' | 'abort'): Promise<void> {
    if (how === 'finalize') job.finalize();
    else {
      // Should the process end in between, the next one finds on disk that it is aborted.
      const aborted = job.abort();
      await this.save(job);
      await aborted;
    }
    this.#jobs.delete(job.id);
    await this.#saving.get(job.id)?.catch(() => {});
    await this.#store.remove(job.id);
  }

  /** Resolves when the job is on disk as it is now. @throws Disk errors. */
  save(job: ManagedJob): Promise<void> {
    const under = this.#saving.get(job.id);
    if (under) return under;
    const saved = Promise.resolve().then(() => {
      this.#saving.delete(job.id);
      // One that has been forgotten meanwhile must not come back.
      if (this.#jobs.get(job.id) !== job) return;
      return this.#store.put(job.record());
    });
    this.#saving.set(job.id, saved);
    return saved;
  }

  /** Stops what runs, and keeps it for the next process. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#jobs.values()].map((job) => job.close()));
    await Promise.allSettled(this.#saving.values());
    await this.#store.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #takeUp(record: JobRecord): Promise<void> {
    const { State } = record.Snapshot;
    const isOver = State === 'Finalized' || State === 'Aborted';
    const job = this.#add(record);
    if (!isOver) {
      job.takeUp();
      return;
    }
    this.#jobs.delete(job.id);
    try {
      if (State === 'Aborted') job.removeFile();
      await this.#store.remove(job.id);
    } catch (err) {
      this.#options.logger.warn({ err, job: job.id }, 'a job that is over cannot be removed');
    }
  }

  #checkNumber({ name, isAdmin }: Caller): void {
    if (this.#jobs.size >= maxJobs) throw sluiceError('JobTooMany', { limit: maxJobs });
    if (isAdmin) return;
    const limit = this.#options.maxJobsOfUser ?? maxJobsOfUser;
    let own = 0;
    for (const { owner } of this.#jobs.values()) if (owner === name) own++;
    if (own >= limit) throw sluiceError('JobTooMany', { limit });
  }

  #add(record: JobRecord): ManagedJob {
    const { agent, dataDir, hasNetwork, clock } = this.#options;
    const onChange = (job: ManagedJob) => this.#changed(job);
    const ownFolder = resolve(dataDir);
    const job = new ManagedJob(record, { agent, ownFolder, hasNetwork, clock, onChange });
    this.#jobs.set(job.id, job);
    return job;
  }

  #changed(job: ManagedJob): void {
    if (this.#isClosing && job.state !== 'Transferred') return;
    this.save(job).catch((err: unknown) => {
      this.#options.logger.error({ err, job: job.id }, 'a job could not be stored');
    });
  }
}

function mayControl({ name, isAdmin }: Caller, job: ManagedJob): boolean {
  return isAdmin || job.owner === name;
}
