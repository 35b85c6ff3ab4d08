import type { AgentStatus, DownloadRequest, PeerId, PolicySettings } from '@sluice/protocol';
import type { AgentAdmin } from './admin/agent-admin.ts';
import type { AgentOptions } from './agent-options.ts';
import { openParts } from './agent-parts.ts';
import type { AgentCache } from './cache/agent-cache.ts';
import { DeviceAgent } from './device-agent.ts';
import { checkHttpUrl } from './download/check-request.ts';
import type { Download } from './download/download.ts';
import type { DownloadOptions } from './download/download-options.ts';
import type { Followed } from './events/event-feed.ts';
import { checkDiscovery } from './local-discovery/discovery-of.ts';
import type { LiveSettings } from './policy/live-settings.ts';

/** How a download is carried out. */
export interface StartOptions
  extends Partial<
    Pick<
      DownloadOptions,
      | 'keep'
      | 'owner'
      | 'confinement'
      | 'ranges'
      | 'mustVerify'
      | 'trusted'
      | 'onTrusted'
      | 'onForeground'
    >
  > {
  /** Whose run it is, and how it ended, for events. */
  followed?: Followed | undefined;
  /** Somebody else keeps it over restarts until it is delivered, and tries again. */
  managed?: boolean | undefined;
  /** In place of the device's. */
  settings?: Partial<PolicySettings> | undefined;
}

/** The device: its downloads, its store and its peers. */
export interface Agent extends AsyncDisposable {
  readonly peerId: PeerId;
  /** What is set, by whom, and what it comes to. */
  readonly settings: LiveSettings;
  /** 0 until peers are first needed. */
  readonly peerPort: number;
  /**
   * Starts a download.
   * @throws InvalidArgument; Disk errors when the job cannot be kept; Cancelled after `close`.
   */
  download(request: DownloadRequest, options?: StartOptions): Promise<Download>;
  downloads(): Download[];
  find(id: string): Download | undefined;
  /** Ends a download, stops sharing its content and forgets it. @throws DownloadUnknown */
  remove(id: string): Promise<void>;
  status(): AgentStatus;
  /** Snapshots, peers, examination. */
  admin(): Promise<AgentAdmin>;
  /** The store, as an admin sees it. */
  cache(): Promise<AgentCache>;
  /** Does in quiet what the first download would otherwise wait for. For a service; may be left out. */
  prepare(): Promise<void>;
  /** Ends everything within seconds; what was fetched stays, to be gone on with. Closing twice is no fault. */
  close(): Promise<void>;
}

/**
 * Claims the data directory, opens the store and takes up the jobs of an earlier life.
 * @throws AgentRunning, InvalidArgument, ListenFailed, Disk errors.
 */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  if (options.cloudUrl !== undefined) checkHttpUrl('cloudUrl', options.cloudUrl);
  checkDiscovery(options);
  await using undo = new AsyncDisposableStack();
  const makeRoom = async (bytes: number) => (await agent.cache()).makeRoom(bytes);
  const parts = await openParts(options, undo, makeRoom);
  const { cloudUrl = parts.sessions?.cloudUrl } = options;
  const agent: DeviceAgent = new DeviceAgent({ ...options, cloudUrl }, parts);
  undo.defer(() => agent.end());
  await agent.start();
  agent.owns(undo.move());
  return agent;
}
