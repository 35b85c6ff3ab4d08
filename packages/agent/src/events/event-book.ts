import { randomUUID } from 'node:crypto';
import { hostname, release } from 'node:os';
import type { HostFacts, SettledMode } from '@sluice/engine';
import {
  type Clock,
  DownloadModes,
  type EventName,
  type EventOf,
  type PeerId,
} from '@sluice/protocol';
import type { ResolvedPolicies } from '@sluice/protocol/policy';
import type { Logger } from 'pino';
import type { Download } from '../download/download.ts';
import { agentVersion } from '../version.ts';
import { atLevel } from './at-level.ts';
import { failureFacts } from './cdn-failure.ts';
import type { DeviceProfile } from './device-profile.ts';
import type { EventSurroundings } from './download-facts.ts';
import { completedFacts, endFacts } from './ended.ts';
import type { Ending } from './ending.ts';
import type { EventSender } from './event-sender.ts';
import { groupHash, plainText } from './privacy.ts';
import { setConfigs } from './set-configs.ts';
import type { EventSpool } from './spool.ts';
import { startedFacts } from './started.ts';

/** A crash loses events of this time, ms; and so many are written at once. */
const gatherMs = 1_000;
const maxGathered = 100;
/** No event of ours is larger; one with very long values goes without its settings. Bytes. */
const maxEventBytes = 64 << 10;
/** A little less than a day: a device that is told of at the same hour must not miss one. */
const snapshotMs = 86_400_000 - 600_000;

export interface EventBookOptions {
  spool: EventSpool;
  sender: EventSender;
  resolved: () => ResolvedPolicies;
  /** Told when settings change. @returns a function that ends it. */
  watch: (fn: () => void) => () => void;
  host: () => HostFacts | undefined;
  /** The group of the device. */
  group: () => Promise<string | undefined>;
  /** What the store holds. */
  cache: () => Promise<{ bytes: number; files: number }>;
  mayUpload: () => boolean;
  peerId: PeerId;
  profile: DeviceProfile | null;
  clock: Clock;
  /** Ms since 1970. */
  now: () => number;
  logger: Logger;
}

/** A download that is told of. */
export interface ToldDownload {
  download: Download;
  jobId: string;
  planned: SettledMode;
  /** When it was asked for, on the clock. */
  time: number;
}

/** Makes events of what happens (workflow.md §11), and has them kept and sent. */
export class EventBook {
  readonly #options: EventBookOptions;
  readonly #sessionId = randomUUID();
  readonly #unwatch: () => void;
  #gathered: string[] = [];
  #cancelTimer: (() => void) | undefined;

  constructor(options: EventBookOptions) {
    this.#options = options;
    this.#unwatch = options.watch(() => void this.forgetIfOff());
  }

  started(of: ToldDownload): void {
    const { peerId, profile, clock, now } = this.#options;
    const facts = startedFacts(of.download, this.#around(of), { peerId, profile });
    this.#add({ Name: 'DownloadStarted', ...facts }, Math.round(now() - (clock.now() - of.time)));
  }

  /** @param ending undefined: all of it is here. */
  ended(of: ToldDownload, ending: Ending | undefined): void {
    const { download } = of;
    const around = this.#around(of);
    const why = download.why();
    for (const fault of download.progress.cdnFaults.entries()) {
      this.#add({ Name: 'FailureCdnCommunication', ...failureFacts(download, fault, around) });
    }
    if (!ending) {
      const restrictedUpload = !this.#options.mayUpload();
      const facts = completedFacts(download, why, { ...around, restrictedUpload });
      this.#add({ Name: 'DownloadCompleted', ...facts });
      return;
    }
    const facts = endFacts(download, why, around);
    if (ending.event === 'JobError') this.#add({ Name: 'JobError', ...facts });
    else this.#add({ Name: ending.event, ...facts, ReasonCode: ending.reason });
  }

  /** The device is told of, unless it was within the day; what waits from earlier is sent. */
  async newDay(): Promise<void> {
    const { spool, sender, now } = this.#options;
    const { LastSnapshotAt, Dropped } = await spool.state();
    // One of the future is of a clock that was wrong.
    const age = now() - (LastSnapshotAt ?? Number.NEGATIVE_INFINITY);
    if (age >= 0 && age < snapshotMs) return sender.wake();
    this.#add({ Name: 'DeviceSnapshot', ...(await this.#snapshot(Dropped)) });
    await this.#write();
    await spool.note({ LastSnapshotAt: now() });
  }

  /** Where nothing may be told any more, what waits is deleted. Never rejects. */
  async forgetIfOff(): Promise<void> {
    const { spool, logger, resolved } = this.#options;
    if (resolved().settings.SluiceEvents !== 0) return;
    this.#gathered = [];
    await spool.clear().catch((err: unknown) => logger.warn({ err }, 'events stay'));
  }

  /** Sends what there is, and the device's state when that is due; the process ends after this. Never rejects. */
  async sendNow(withinMs: number): Promise<void> {
    const { logger, sender } = this.#options;
    try {
      await this.newDay();
      await this.#write();
    } catch (err) {
      logger.warn({ err }, 'events are lost');
    }
    await sender.flush(withinMs);
  }

  /** What was told is on the disk. */
  async close(): Promise<void> {
    const { sender, spool } = this.#options;
    this.#unwatch();
    await this.#write();
    await sender.close();
    await spool.settled();
  }

  #around({ jobId, planned }: ToldDownload): EventSurroundings {
    const { resolved, host } = this.#options;
    return {
      sessionId: this.#sessionId,
      jobId,
      planned,
      resolved: resolved(),
      host: host(),
    };
  }

  async #snapshot(
    dropped: number,
  ): Promise<Omit<EventOf<'DeviceSnapshot'>, 'EventId' | 'Name' | 'Time'>> {
    const { resolved, peerId, profile, group, cache } = this.#options;
    const { settings, sources } = resolved();
    const { bytes, files } = await cache();
    const isGroup = settings.DODownloadMode === DownloadModes.Group;
    const groupId = isGroup ? await group() : settings.DOGroupId;
    return {
      PeerId: peerId,
      DeviceName: settings.SluiceEventsDeviceName === 1 ? plainText(hostname(), 255) : null,
      DoClientVersion: plainText(agentVersion, 64),
      OSPlatform: process.platform,
      OSVersion: plainText(release(), 128),
      DeviceProfile: profile,
      DownloadMode: settings.DODownloadMode as EventOf<'DeviceSnapshot'>['DownloadMode'],
      DownloadModeSrc: sources.DODownloadMode.provider,
      SetConfigs: setConfigs(resolved(), { paths: settings.SluiceEventsFilePaths === 1 }),
      CacheSizeBytes: bytes,
      CacheFiles: files,
      GroupId: groupId === undefined ? null : groupHash(groupId),
      EventsDropped: dropped,
      City: null,
      Country: null,
      Isp: null,
    };
  }

  #add(event: Untold, time = this.#options.now()): void {
    const level = this.#options.resolved().settings.SluiceEvents;
    const told = atLevel({ EventId: randomUUID(), Time: time, ...event }, level);
    if (!told) return;
    const line = JSON.stringify(told);
    const isLarge = Buffer.byteLength(line) > maxEventBytes && 'SetConfigs' in told;
    this.#gathered.push(isLarge ? JSON.stringify({ ...told, SetConfigs: {} }) : line);
    if (this.#gathered.length >= maxGathered) void this.#write();
    else this.#cancelTimer ??= this.#options.clock.setTimer(gatherMs, () => void this.#write());
  }

  /** Never rejects: events are not worth more than what they are about. */
  async #write(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { spool, sender, logger } = this.#options;
    const lines = this.#gathered;
    if (lines.length === 0) return;
    this.#gathered = [];
    try {
      await spool.add(lines);
      sender.wake();
    } catch (err) {
      logger.warn({ err, events: lines.length }, 'events could not be kept');
    }
  }
}

/** An event before it is given an id. */
type Untold = { [N in EventName]: Omit<EventOf<N>, 'EventId' | 'Time'> }[EventName];
