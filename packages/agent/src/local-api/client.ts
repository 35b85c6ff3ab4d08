import {
  type AgentStatus,
  type DownloadRequest,
  type DownloadStatus,
  type DownloadWhy,
  type ErrorReport,
  isFinalState,
  isSluiceError,
  sluiceError,
} from '@sluice/protocol';
import type { SettingsView } from '@sluice/protocol/policy';
import { unspecified } from '../jobs/hresult-of.ts';
import type { SettingsChange } from '../policy/settings-file.ts';
import { localApiAddress, mayBeAgent } from './address.ts';
import { AdminClient } from './admin-client.ts';
import { JobsClient } from './jobs-client.ts';
import { jsonOf, LocalHttp, type Question } from './local-http.ts';
import { readLines } from './read-lines.ts';

const service = 'the agent';
/** An agent that does not answer within this is not there. */
const connectMs = 2_000;

/** What a program on this device can ask of the agent. Every call throws AgentLost when it ends meanwhile. */
export interface LocalApiClient extends AsyncDisposable {
  /** @throws ServiceRefused */
  download(request: DownloadRequest): Promise<{ Id: string }>;
  status(): Promise<AgentStatus>;
  /** The status as it changes, to a final state. @throws ServiceRefused, the reason of `signal`. */
  follow(id: string, signal?: AbortSignal): AsyncIterable<DownloadStatus>;
  /** Downloads as jobs that their caller controls. */
  readonly jobs: JobsClient;
  /** Why its bytes came from where they came. @throws ServiceRefused, ServiceInvalidReply */
  why(id: string): Promise<DownloadWhy>;
  /** All settings, by whom they are set. @throws ServiceInvalidReply */
  settings(): Promise<SettingsView>;
  /** Sets, imports or takes away. @returns what holds then. @throws ServiceRefused */
  changeSettings(change: SettingsChange): Promise<SettingsView>;
  /** Moves a running download to the foreground or the background. @throws ServiceRefused */
  setForeground(id: string, foreground: boolean): Promise<DownloadStatus>;
  /** Ends the download and has the agent forget it. @throws ServiceRefused */
  abort(id: string): Promise<void>;
  /** What only those who look after the agent ask. */
  readonly admin: AdminClient;
  close(): Promise<void>;
}

/** Connects to the agent of a data directory; undefined when none runs there. */
export async function connectLocalApi(dataDir: string): Promise<LocalApiClient | undefined> {
  const address = localApiAddress(dataDir);
  if (!mayBeAgent(address)) return undefined;
  const client = new AgentClient(new LocalHttp(address), dataDir);
  try {
    await client.status(AbortSignal.timeout(connectMs));
    return client;
  } catch {
    // No socket, nobody behind it, or something that is no agent: the caller works without.
    await client.close();
    return undefined;
  }
}

/**
 * Connects to the socket that an agent shares with all users of its device, as this process's user.
 * @throws AgentLost, ServiceRefused, the system's error when the folder that proves who asks cannot be made.
 */
export async function connectSharedApi(socketPath: string): Promise<LocalApiClient> {
  const http = new LocalHttp(socketPath);
  const client = new AgentClient(http, socketPath);
  try {
    await client.logIn();
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

class AgentClient implements LocalApiClient {
  readonly jobs: JobsClient;
  readonly #http: LocalHttp;
  readonly #dataDir: string;
  readonly admin = new AdminClient((question) => this.#ask(question));

  constructor(http: LocalHttp, dataDir: string) {
    this.#http = http;
    this.#dataDir = dataDir;
    this.jobs = new JobsClient(
      (question) => this.#ask(question),
      (path, signal) => this.#lines(path, signal),
    );
  }

  /** Shows the agent who asks: only this user can make a folder that is its own. */
  async logIn(): Promise<void> {
    const ask = async (body: object) =>
      (await this.#ask({ method: 'POST', path: '/v1/login', body })) as Record<string, unknown>;
    const { Folder } = await ask({});
    if (typeof Folder !== 'string') throw invalid('no Folder');
    const { mkdir } = await import('node:fs/promises');
    await mkdir(Folder, { mode: 0o700 });
    const { Token } = await ask({ Folder });
    if (typeof Token !== 'string') throw invalid('no Token');
    this.#http.token = Token;
  }

  async download(request: DownloadRequest): Promise<{ Id: string }> {
    const answer = await this.#ask({ method: 'POST', path: '/v1/downloads', body: request });
    const { Id } = answer as { Id?: unknown };
    if (typeof Id !== 'string') throw invalid('no Id');
    return { Id };
  }

  async status(signal?: AbortSignal): Promise<AgentStatus> {
    const answer = await this.#ask({ method: 'GET', path: '/v1/status', signal });
    const { PeerId, Downloads } = answer as Partial<AgentStatus>;
    if (typeof PeerId !== 'string' || !Array.isArray(Downloads)) throw invalid('no status');
    return answer as AgentStatus;
  }

  async *follow(id: string, signal?: AbortSignal): AsyncIterable<DownloadStatus> {
    const path = `/v1/downloads/${encodeURIComponent(id)}/events`;
    for await (const value of this.#lines(path, signal)) {
      const status = value as DownloadStatus;
      yield status;
      if (isFinalState(status.State)) return;
    }
    throw this.#explained(new Error('it ended in the middle of a download'), signal);
  }

  async why(id: string): Promise<DownloadWhy> {
    const path = `/v1/downloads/${encodeURIComponent(id)}/why`;
    const answer = await this.#ask({ method: 'GET', path });
    const { parseDownloadWhy } = await import('@sluice/protocol/schemas');
    return parseDownloadWhy(answer);
  }

  async settings(): Promise<SettingsView> {
    return viewOf(await this.#ask({ method: 'GET', path: '/v1/settings' }));
  }

  async changeSettings({ provider, values, isWhole }: SettingsChange): Promise<SettingsView> {
    const body = { Provider: provider, Values: values, Whole: isWhole };
    return viewOf(await this.#ask({ method: 'PATCH', path: '/v1/settings', body }));
  }

  async setForeground(id: string, foreground: boolean): Promise<DownloadStatus> {
    const path = `/v1/downloads/${encodeURIComponent(id)}`;
    const body = { Foreground: foreground };
    const answer = (await this.#ask({ method: 'PATCH', path, body })) as Partial<DownloadStatus>;
    if (typeof answer.Priority !== 'string') throw invalid('no status');
    return answer as DownloadStatus;
  }

  async abort(id: string): Promise<void> {
    await this.#ask({ method: 'DELETE', path: `/v1/downloads/${encodeURIComponent(id)}` });
  }

  async close(): Promise<void> {
    this.#http.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What an answer tells, one JSON value a line. */
  async *#lines(path: string, signal?: AbortSignal): AsyncIterable<unknown> {
    try {
      const answer = await this.#http.ask({ method: 'GET', path, signal });
      const { statusCode = 0 } = answer;
      if (statusCode !== 200) throw refused(statusCode, await jsonOf(answer));
      for await (const line of readLines(answer)) yield JSON.parse(line);
    } catch (error) {
      throw this.#explained(error, signal);
    }
  }

  async #ask(question: Question): Promise<unknown> {
    try {
      const answer = await this.#http.ask(question);
      const { statusCode = 0 } = answer;
      const json = await jsonOf(answer);
      if (statusCode > 299) throw refused(statusCode, json);
      if (typeof json !== 'object' || json === null) throw invalid('no object');
      return json;
    } catch (error) {
      throw this.#explained(error, question.signal);
    }
  }

  #explained(error: unknown, signal: AbortSignal | undefined): unknown {
    if (isSluiceError(error) || signal?.aborted) return error;
    if (error instanceof SyntaxError) return invalid('not JSON');
    const detail = error instanceof Error ? error.message : String(error);
    return sluiceError('AgentLost', { dataDir: this.#dataDir, detail }, { cause: error });
  }
}

function viewOf(answer: unknown): SettingsView {
  const { Settings, Problems } = answer as Partial<SettingsView>;
  if (!Array.isArray(Settings) || !Array.isArray(Problems)) throw invalid('no settings');
  return answer as SettingsView;
}

function refused(status: number, json: unknown): Error {
  const {
    Message = '',
    Remedy,
    HResult,
  } = (json ?? {}) as Partial<ErrorReport & { HResult: number }>;
  // The number that those who know Delivery Optimization know.
  const hasCode = HResult !== undefined && HResult !== unspecified;
  const detail = hasCode ? `${Message} (0x${HResult.toString(16).toUpperCase()})` : Message;
  return sluiceError('ServiceRefused', { service, status, detail, remedy: Remedy });
}

function invalid(detail: string): Error {
  return sluiceError('ServiceInvalidReply', { service, detail });
}
