import type { JobFilter, JobProperties, JobRange, JobStatus } from '@sluice/protocol';
import type { Question } from './local-http.ts';

/** Downloads as jobs. Every call throws ServiceRefused when the agent refuses, AgentLost when it ends. */
export class JobsClient {
  readonly #ask: (question: Question) => Promise<unknown>;
  readonly #lines: (path: string, signal?: AbortSignal) => AsyncIterable<unknown>;

  constructor(
    ask: (question: Question) => Promise<unknown>,
    lines: (path: string, signal?: AbortSignal) => AsyncIterable<unknown>,
  ) {
    this.#ask = ask;
    this.#lines = lines;
  }

  create(properties: JobProperties): Promise<JobStatus> {
    return this.#status({ method: 'POST', path: '/v1/jobs', body: properties });
  }

  /** Those of this caller that have all these values; all of an administrator's device. */
  async list(filter: JobFilter = {}): Promise<JobStatus[]> {
    const query = new URLSearchParams(filter).toString();
    return (await this.#ask({ method: 'GET', path: `/v1/jobs?${query}` })) as JobStatus[];
  }

  status(id: string): Promise<JobStatus> {
    return this.#status({ method: 'GET', path: pathOf(id) });
  }

  /** @param ranges parts of the file; none = all of it. */
  start(id: string, ranges?: JobRange[]): Promise<JobStatus> {
    const body = ranges ? { Ranges: ranges } : {};
    return this.#status({ method: 'POST', path: `${pathOf(id)}/start`, body });
  }

  pause(id: string): Promise<JobStatus> {
    return this.#status({ method: 'POST', path: `${pathOf(id)}/pause` });
  }

  resume(id: string): Promise<JobStatus> {
    return this.#status({ method: 'POST', path: `${pathOf(id)}/resume` });
  }

  /** Forgets one that is Transferred. */
  finalize(id: string): Promise<JobStatus> {
    return this.#status({ method: 'POST', path: `${pathOf(id)}/finalize` });
  }

  /** Ends one and deletes its file. */
  abort(id: string): Promise<JobStatus> {
    return this.#status({ method: 'POST', path: `${pathOf(id)}/abort` });
  }

  set(id: string, properties: JobProperties): Promise<JobStatus> {
    return this.#status({ method: 'PATCH', path: `${pathOf(id)}/properties`, body: properties });
  }

  async property(id: string, name: string): Promise<unknown> {
    const path = `${pathOf(id)}/properties/${encodeURIComponent(name)}`;
    return ((await this.#ask({ method: 'GET', path })) as { Value: unknown }).Value;
  }

  /** The status as it changes, until it is finalized or aborted. @throws the reason of `signal`. */
  async *follow(id: string, signal?: AbortSignal): AsyncIterable<JobStatus> {
    for await (const status of this.#lines(`${pathOf(id)}/events`, signal)) {
      yield status as JobStatus;
    }
  }

  async #status(question: Question): Promise<JobStatus> {
    return (await this.#ask(question)) as JobStatus;
  }
}

function pathOf(id: string): string {
  return `/v1/jobs/${encodeURIComponent(id)}`;
}
