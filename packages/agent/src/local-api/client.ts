import { existsSync } from 'node:fs';
import {
  type AgentStatus,
  type DownloadRequest,
  type DownloadStatus,
  type ErrorReport,
  sluiceError,
} from '@sluice/protocol';
import type { Client } from 'undici';
import { localApiAddress } from './address.ts';

const service = 'the agent';
const maxLineBytes = 1 << 20;

/** What a program on this device can ask of the agent. */
export interface LocalApiClient extends AsyncDisposable {
  /** @throws ServiceRefused */
  download(request: DownloadRequest): Promise<{ Id: string }>;
  status(): Promise<AgentStatus>;
  /** The status as it changes, to a final state. */
  follow(id: string, signal?: AbortSignal): AsyncIterable<DownloadStatus>;
  /** Ends the download and has the agent forget it. */
  abort(id: string): Promise<void>;
  close(): Promise<void>;
}

/** Connects to the agent of a data directory; undefined when none runs there. */
export async function connectLocalApi(dataDir: string): Promise<LocalApiClient | undefined> {
  const address = localApiAddress(dataDir);
  // Mostly there is none: that is found out before anything is loaded.
  if (process.platform !== 'win32' && !existsSync(address)) return undefined;
  const { Client } = await import('undici');
  const client = new AgentClient(
    new Client('http://agent', { socketPath: address, bodyTimeout: 0 }),
  );
  try {
    await client.status();
    return client;
  } catch {
    // No socket, nobody behind it, or something that is no agent: the caller works without.
    await client.close();
    return undefined;
  }
}

class AgentClient implements LocalApiClient {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async download(request: DownloadRequest): Promise<{ Id: string }> {
    return (await this.#ask('POST', '/v1/downloads', request)) as { Id: string };
  }

  async status(): Promise<AgentStatus> {
    return (await this.#ask('GET', '/v1/status')) as AgentStatus;
  }

  async *follow(id: string, signal?: AbortSignal): AsyncIterable<DownloadStatus> {
    const path = `/v1/downloads/${encodeURIComponent(id)}/events`;
    const { statusCode, body } = await this.#client.request({
      method: 'GET',
      path,
      ...(signal ? { signal } : {}),
    });
    if (statusCode !== 200) throw refused(statusCode, await body.json());
    let text = '';
    body.setEncoding('utf8');
    for await (const chunk of body) {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      if (text.length > maxLineBytes) {
        throw sluiceError('ServiceInvalidReply', { service, detail: 'endless line' });
      }
      for (const line of lines) yield JSON.parse(line) as DownloadStatus;
    }
  }

  async abort(id: string): Promise<void> {
    await this.#ask('DELETE', `/v1/downloads/${encodeURIComponent(id)}`);
  }

  close(): Promise<void> {
    return this.#client.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const reply = await this.#client.request({
      method,
      path,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const json = await reply.body.json();
    if (reply.statusCode > 299) throw refused(reply.statusCode, json);
    return json;
  }
}

function refused(status: number, json: unknown): Error {
  const detail = (json as Partial<ErrorReport>).Message ?? '';
  return sluiceError('ServiceRefused', { service, status, detail });
}
