import {
  type CacheCheck,
  type CacheFile,
  type CacheFiles,
  type DeleteRequest,
  type DoctorReport,
  type ExpireRequest,
  type FilePeers,
  type MonthSnap,
  type PerfSnap,
  type PinRequest,
  sluiceError,
} from '@sluice/protocol';
import type { Question } from './local-http.ts';

/** Who looks after an agent asks by this. Every call throws AgentLost, ServiceRefused, ServiceInvalidReply. */
export class AdminClient {
  readonly #ask: (question: Question) => Promise<unknown>;

  constructor(ask: (question: Question) => Promise<unknown>) {
    this.#ask = ask;
  }

  /** @param count of each file. */
  async peers(count: number): Promise<FilePeers[]> {
    const { Files } = await this.#get<{ Files: FilePeers[] }>(`/v1/peers?count=${count}`, 'Files');
    return Files;
  }

  perfSnap(): Promise<PerfSnap> {
    return this.#get('/v1/perfsnap', 'CacheSizeBytes');
  }

  monthSnap(): Promise<MonthSnap> {
    return this.#get('/v1/perfsnap/month', 'MonthStartDate');
  }

  examine(): Promise<DoctorReport> {
    return this.#get('/v1/doctor', 'Checks');
  }

  async cacheFiles(): Promise<CacheFile[]> {
    return (await this.#get<CacheFiles>('/v1/cache', 'Files')).Files;
  }

  pin(order: PinRequest): Promise<CacheFile[]> {
    return this.#order('/v1/cache/pin', order);
  }

  expire(order: ExpireRequest): Promise<CacheFile[]> {
    return this.#order('/v1/cache/expire', order);
  }

  /** @returns those that went. */
  delete(order: DeleteRequest): Promise<CacheFile[]> {
    return this.#order('/v1/cache/delete', order);
  }

  async startVerify(): Promise<void> {
    await this.#ask({ method: 'POST', path: '/v1/cache/verify', body: {} });
  }

  /** @returns undefined while it goes on. */
  async verified(): Promise<CacheCheck | undefined> {
    const path = '/v1/cache/verify';
    const state = await this.#get<{ Result: CacheCheck | null }>(path, 'Result');
    return state.Result ?? undefined;
  }

  async #order(path: string, body: object): Promise<CacheFile[]> {
    const answer = await this.#ask({ method: 'POST', path, body });
    return checked<CacheFiles>(answer, 'Files').Files;
  }

  async #get<T>(path: string, field: keyof T & string): Promise<T> {
    return checked<T>(await this.#ask({ method: 'GET', path }), field);
  }
}

/** One field tells whether the agent is one that knows the question. */
function checked<T>(answer: unknown, field: keyof T & string): T {
  if (typeof answer === 'object' && answer !== null && field in answer) return answer as T;
  throw sluiceError('ServiceInvalidReply', { service: 'the agent', detail: `no ${field}` });
}
