import { setTimeout } from 'node:timers/promises';
import { connectLocalApi } from '@sluice/agent/local-api';
import {
  type DownloadRequest,
  type DownloadStatus,
  isFinalState,
  isSluiceError,
} from '@sluice/protocol';
import { readUsage } from '../process/usage.ts';
import { type SluiceDevice, startAgent } from '../servers/sluice-device.ts';
import type { LabDevice } from '../tools/tool.ts';

const lookMs = 50;

/** A device whose agent may be ended at any moment, and is started again. */
export class SoakDevice {
  readonly device: LabDevice;
  readonly #logLevel: string;
  #agent: SluiceDevice | undefined;
  /** Of the agent that runs, once a second, bytes. */
  readonly rss: number[] = [];
  kills = 0;
  last: DownloadStatus | undefined;

  constructor(device: LabDevice, logLevel: string) {
    this.device = device;
    this.#logLevel = logLevel;
  }

  async start(): Promise<void> {
    this.#agent = await startAgent({ ...this.device, logLevel: this.#logLevel });
  }

  /** Ends the agent without warning; `start` takes up what it was doing. */
  async kill(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    this.kills++;
    await agent?.process.kill();
  }

  async stop(): Promise<void> {
    await this.#agent?.process.stop();
  }

  async sample(): Promise<void> {
    const agent = this.#agent;
    if (!agent || agent.process.hasExited) return;
    const { rss } = await readUsage(agent.process.pid);
    this.rss.push(rss);
  }

  /** Whether the agent ended although nobody killed it. */
  get crashed(): boolean {
    return this.#agent?.process.hasExited === true;
  }

  /** Has it download, over all kills, to the end. @throws Error when the download fails. */
  async fetch(request: DownloadRequest, signal: AbortSignal): Promise<DownloadStatus> {
    for (;;) {
      signal.throwIfAborted();
      const status = await this.#attempt(request, signal);
      if (status?.State === 'Finalized') return status;
      if (status?.State === 'Failed') throw new Error(status.Error?.Message ?? 'failed');
      await setTimeout(lookMs);
    }
  }

  /** Has it forget the download, so that what it keeps does not grow with the lab's running time. */
  async forget(id: string): Promise<void> {
    await using api = this.#agent && (await connectLocalApi(this.#agent.dataDir));
    await api?.abort(id).catch((error: unknown) => {
      if (!isSluiceError(error, 'AgentLost')) throw error;
    });
  }

  /** @returns undefined when there was no agent, or it was ended meanwhile. */
  async #attempt(
    request: DownloadRequest,
    signal: AbortSignal,
  ): Promise<DownloadStatus | undefined> {
    if (!this.#agent) return undefined;
    await using api = await connectLocalApi(this.#agent.dataDir);
    if (!api) return undefined;
    try {
      const known = (await api.status()).Downloads.find((d) => d.Output === request.Output);
      const { Id } = known ?? (await api.download(request));
      for await (const status of api.follow(Id, signal)) {
        this.last = status;
        if (isFinalState(status.State)) return status;
      }
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (isSluiceError(error, 'AgentLost')) return undefined;
      throw error;
    }
  }
}
