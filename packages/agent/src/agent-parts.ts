import { randomBytes } from 'node:crypto';
import {
  type Clock,
  openTracer,
  type PeerId,
  type PolicySettings,
  type Tracer,
} from '@sluice/protocol';
import { type Logger, pino } from 'pino';
import { Usage } from './accounting/usage.ts';
import type { AgentOptions } from './agent-options.ts';
import { systemClock } from './clock/system-clock.ts';
import { claimDataDir } from './data-dir/claim-data-dir.ts';
import { UploadGate } from './gates/upload-gate.ts';
import { HostWatch } from './host/host-watch.ts';
import { SystemProbe } from './host/system-probe.ts';
import { deviceIdentity } from './identity/device-identity.ts';
import type { DeviceSessions } from './identity/device-sessions.ts';
import { openSessions } from './identity/open-sessions.ts';
import { ownAddressesOf } from './network/own-address.ts';
import type { LiveSettings } from './policy/live-settings.ts';
import { openSettings } from './policy/open-settings.ts';
import { RateControl } from './rate/rate-control.ts';
import { Proxies } from './source/proxy/index.ts';
import { type ContentStore, createPieceWorker, openContentStore } from './store/index.ts';

/** What the device is made of. */
export interface Parts {
  peerId: PeerId;
  /** Folder of the store. */
  root: string;
  store: ContentStore;
  settings: LiveSettings;
  host: HostWatch;
  usage: Usage;
  uploads: UploadGate;
  rates: RateControl;
  proxies: Proxies;
  /** Undefined: the device is not enrolled. */
  sessions: DeviceSessions | undefined;
  /** Undefined: nobody wants traces. */
  tracer: Tracer | undefined;
  logger: Logger;
  clock: Clock;
  today: () => Date;
}

/**
 * Claims the data directory and opens what lies in it.
 * @param undo takes what is to be closed with the device.
 * @param makeRoom see `ContentStoreOptions`.
 * @throws AgentRunning, InvalidArgument, Disk errors.
 */
export async function openParts(
  options: AgentOptions,
  undo: AsyncDisposableStack,
  makeRoom: (bytes: number) => Promise<void>,
): Promise<Parts> {
  const { dataDir, logger = pino({ level: 'silent' }), clock = systemClock } = options;
  const { proxy, proxyUser: user, env = {} } = options;
  const tracer = await openTracer({
    ...{ endpoint: options.otlpEndpoint, service: 'sluice-agent', clock, logger },
    ...{ now: Date.now, randomBytes, fetch },
  });
  undo.defer(() => tracer?.flush());
  const proxies = new Proxies({ proxy, user }, env, clock);
  const settings = await openSettings(options, { clock, logger });
  const root = await storeFolder(settings.current, dataDir, logger);
  const claim = await claimDataDir(dataDir);
  undo.defer(() => claim.release());
  const peerId = await deviceIdentity(dataDir);
  const sessions = await openSessions(options, { clock, logger, routes: proxies.for({}) });
  undo.defer(() => sessions?.close());
  const worker = undo.use(createPieceWorker({ clock }));
  const onDamaged = (what: object) => logger.warn(what, 'a stored content is damaged');
  const store = await openContentStore({ root, worker, clock, onDamaged, makeRoom });
  undo.defer(() => store.close());
  const probe = options.hostProbe ?? new SystemProbe({ logger });
  const host = new HostWatch({ probe, dir: root, clock, logger });
  const today = options.today ?? (() => new Date());
  const keepsDownloads = options.persistent === true;
  const usage = await Usage.open({ dataDir, clock, today, logger, keepsDownloads });
  undo.defer(() => usage.close());
  const uploads = new UploadGate(settings, host, usage);
  undo.defer(() => uploads.close());
  const own = ownAddressesOf(undefined, clock);
  const rates = new RateControl({ clock, today, settings, own });
  undo.defer(() => rates.close());
  return {
    peerId,
    root,
    store,
    settings,
    host,
    usage,
    uploads,
    rates,
    proxies,
    sessions,
    tracer,
    logger,
    clock,
    today,
  };
}

/** DO's default, which is the drive of the data directory. */
const systemDrive = '%SYSTEMDRIVE%';

/** A drive that is none is no reason to be without a store. */
async function storeFolder(
  { DOModifyCacheDrive: drive }: PolicySettings,
  dataDir: string,
  logger: Logger,
): Promise<string> {
  if (!drive || drive === systemDrive) return dataDir;
  const { cacheFolder } = await import('./cache/cache-folder.ts');
  try {
    return cacheFolder(drive, dataDir);
  } catch (err) {
    logger.warn({ err, DOModifyCacheDrive: drive }, 'a setting was not taken');
    return dataDir;
  }
}
