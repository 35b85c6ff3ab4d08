import {
  type Clock,
  type JobFault,
  type JobState,
  type SluiceError,
  sluiceError,
  toSluiceError,
} from '@sluice/protocol';
import type { Ending } from '../events/ending.ts';
import { fault, faultOf } from './job-fault.ts';
import type { JobRun, RunEnd } from './job-run.ts';
import type { JobTarget } from './job-target.ts';
import { ProgressWatch } from './progress-watch.ts';

/** What a job keeps over restarts. */
export interface JobSnapshot {
  State: JobState;
  BytesTotal: number;
  BytesTransferred: number;
  /** Why it is paused, or while Transferring why the last try failed; null for neither. */
  Error: JobFault | null;
  /** What is behind it. With no Error: the job goes on by itself. */
  ExtendedError: JobFault | null;
}

export interface MachineOptions {
  clock: Clock;
  /** Checks what a start needs. @throws what is missing. */
  check: () => void;
  target: () => JobTarget;
  begin: () => JobRun;
  /** Whether trying again is of no use. */
  isFatal: (error: SluiceError) => boolean;
  hasNetwork: () => boolean;
  noProgressMs: () => number;
  onChange: () => void;
}

const retryMs = [2_000, 4_000, 8_000, 16_000, 30_000];
/** How often a job that waits for the network looks for it. */
const networkMs = 30_000;

/**
 * The states of a download as Delivery Optimization has them (do-client-contract.md §4): Created →
 * Transferring ⇄ Paused, → Transferred → Finalized; Aborted from each. A failed try is retried while it
 * may help, and the job paused when it may not, when nothing comes for long, or without a network.
 */
export class JobMachine {
  readonly #options: MachineOptions;
  readonly #watch: ProgressWatch;
  #now: JobSnapshot;
  #run: JobRun | undefined;
  #ended: Promise<void> = Promise.resolve();
  /** Why the run was told to stop; undefined: by its caller. */
  #stopFault: JobFault | undefined;
  #isStopping = false;
  #isClosing = false;
  /** What the last try failed with. */
  #lastFault: JobFault | null = null;
  #cancelTimer: (() => void) | undefined;
  #tries = 0;
  #bestOfTries = 0;

  constructor(options: MachineOptions, before?: JobSnapshot) {
    this.#options = options;
    this.#now = before ?? {
      State: 'Created',
      BytesTotal: 0,
      BytesTransferred: 0,
      Error: null,
      ExtendedError: null,
    };
    this.#watch = new ProgressWatch(options.clock, {
      bytes: () => (this.#run?.waits ? undefined : this.snapshot().BytesTransferred),
      timeoutMs: options.noProgressMs,
      onTimeout: () => this.#timedOut(),
    });
  }

  get state(): JobState {
    return this.#now.State;
  }

  /** The run under way. */
  get run(): JobRun | undefined {
    return this.#run;
  }

  snapshot(): JobSnapshot {
    const bytes = this.#run?.bytes();
    if (!bytes || bytes.total === 0) return this.#now;
    return { ...this.#now, BytesTotal: bytes.total, BytesTransferred: bytes.transferred };
  }

  /** What the end of a run that was not whole means to the job. @param error of the run. */
  ending(error: SluiceError | undefined): Ending {
    const paused = (reason: string): Ending => ({ event: 'DownloadPaused', reason });
    if (this.#isClosing) return paused('AgentStopped');
    if (this.state === 'Aborted') return { event: 'DownloadCanceled', reason: 'Caller' };
    if (this.#isStopping || !error) return paused(this.#stopFault?.Code ?? 'Caller');
    if (!this.#options.hasNetwork()) return paused('JobNoNetwork');
    // What is tried again may yet go well.
    if (!this.#options.isFatal(error)) return paused(error.code);
    return { event: 'JobError', reason: error.code };
  }

  /** Starts, or resumes. @throws what is missing for it, Disk errors, JobInvalidState. */
  start(): void {
    this.#assertAlive('be started');
    if (this.state === 'Transferring' || this.state === 'Transferred') return;
    this.#options.check();
    const target = this.#options.target();
    if (this.state === 'Created') target.create();
    else target.reopen();
    this.#go();
  }

  /** A job that was running when the process ended goes on. */
  takeUp(): void {
    if (this.state === 'Transferring') this.#go();
    else if (this.#isTransient()) this.#awaitNetwork();
  }

  /** More of the file is wanted. @throws JobInvalidState */
  startAgain(): void {
    this.#assertAlive('be started');
    this.#go();
  }

  /** Resolves when the run has ended: it may have been done before it noticed. @throws JobInvalidState */
  async pause(): Promise<void> {
    this.#assertAlive('be paused');
    if (this.state === 'Paused') this.#cancel();
    if (this.state !== 'Transferring') return;
    if (this.#run) await this.#stop(undefined);
    else this.#pauseWith(null, null);
  }

  /** @throws JobInvalidState unless it is Transferred. */
  finalize(): void {
    if (this.state !== 'Transferred') {
      throw sluiceError('JobInvalidState', { state: this.state, action: 'be finalized' });
    }
    this.#set({ State: 'Finalized' });
  }

  /** Ends it and deletes its file. @throws Disk errors when the file cannot be deleted; it is over then, too. */
  async abort(): Promise<void> {
    this.#assertAlive('be aborted');
    const hadTarget = this.state !== 'Created';
    this.#set({ State: 'Aborted' });
    await this.#stop(undefined);
    if (hadTarget) this.#options.target().remove();
  }

  /** Ends what is under way; the state stays, to be taken up by the next process. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#stop(undefined);
  }

  #go(): void {
    this.#tries = 0;
    this.#bestOfTries = this.#now.BytesTransferred;
    this.#stopFault = undefined;
    this.#isStopping = false;
    this.#lastFault = null;
    this.#cancel();
    this.#set({ State: 'Transferring', Error: null, ExtendedError: null });
    this.#watch.start();
    this.#try();
  }

  #try(): void {
    this.#set({ Error: null });
    const before = this.#ended;
    let run: JobRun;
    try {
      run = this.#options.begin();
    } catch (error) {
      this.#failed(toSluiceError(error));
      return;
    }
    this.#run = run;
    this.#ended = Promise.all([before, run.finished]).then(([, end]) => this.#after(run, end));
  }

  #after(run: JobRun, end: RunEnd): void {
    if (this.#run !== run) return;
    const { BytesTotal, BytesTransferred } = this.snapshot();
    this.#run = undefined;
    this.#now = { ...this.#now, BytesTotal, BytesTransferred };
    // Also of an aborted job: what it delivered is then known to be its own.
    if (end === 'done') this.#options.target().delivered();
    if (this.state !== 'Transferring') return;
    if (end === 'done') this.#done();
    else if (this.#isClosing) this.#cancel();
    else if (end === 'stopped' || this.#isStopping) this.#stopped();
    else this.#failed(end.error);
  }

  #done(): void {
    this.#cancel();
    const { BytesTotal } = this.#now;
    const over = { Error: null, ExtendedError: null };
    this.#set({ State: 'Transferred', BytesTransferred: BytesTotal, ...over });
  }

  #stopped(): void {
    const error = this.#stopFault ?? null;
    this.#pauseWith(error, error && this.#lastFault);
  }

  #failed(error: SluiceError): void {
    const why = faultOf(error);
    if (!this.#options.hasNetwork()) {
      this.#pauseWith(null, fault('JobNoNetwork'));
      this.#awaitNetwork();
    } else if (this.#options.isFatal(error)) this.#pauseWith(why, null);
    else this.#retryLater(why, Number(error.params.retryAfterMs ?? 0));
  }

  #retryLater(why: JobFault, atLeastMs: number): void {
    const { BytesTransferred } = this.#now;
    if (BytesTransferred > this.#bestOfTries) this.#tries = 0;
    this.#bestOfTries = Math.max(this.#bestOfTries, BytesTransferred);
    const wait = retryMs[Math.min(this.#tries++, retryMs.length - 1)]!;
    this.#lastFault = why;
    this.#set({ Error: why });
    this.#setTimer(Math.max(wait, atLeastMs), () => this.#try());
  }

  #timedOut(): void {
    const seconds = this.#options.noProgressMs() / 1_000;
    const why = fault('JobNoProgress', { seconds });
    if (this.#run) void this.#stop(why);
    else this.#pauseWith(why, this.#lastFault);
  }

  #awaitNetwork(): void {
    this.#setTimer(networkMs, () => {
      if (!this.#options.hasNetwork()) this.#awaitNetwork();
      else this.#go();
    });
  }

  #isTransient(): boolean {
    return this.state === 'Paused' && !this.#now.Error && this.#now.ExtendedError !== null;
  }

  async #stop(why: JobFault | undefined): Promise<void> {
    this.#isStopping = true;
    this.#stopFault = why;
    this.#cancel();
    this.#run?.stop();
    await this.#ended;
  }

  #pauseWith(error: JobFault | null, extended: JobFault | null): void {
    this.#cancel();
    this.#set({ State: 'Paused', Error: error, ExtendedError: extended });
  }

  #setTimer(ms: number, fn: () => void): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.setTimer(ms, fn);
  }

  #cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#watch.stop();
  }

  #set(change: Partial<JobSnapshot>): void {
    this.#now = { ...this.#now, ...change };
    this.#options.onChange();
  }

  #assertAlive(action: string): void {
    if (this.state === 'Finalized' || this.state === 'Aborted') {
      throw sluiceError('JobInvalidState', { state: this.state, action });
    }
  }
}
