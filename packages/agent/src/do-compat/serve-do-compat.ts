import { resolve } from 'node:path';
import type { Clock } from '@sluice/protocol';
import { type Logger, pino } from 'pino';
import type { Agent } from '../agent.ts';
import { deadline } from '../clock/deadline.ts';
import { systemClock } from '../clock/system-clock.ts';
import { unlessAborted } from '../clock/unless-aborted.ts';
import { hasNetwork } from '../network/has-network.ts';
import { CacheChoice } from './cache-choice.ts';
import { DoConfig } from './do-config.ts';
import { DoDownloads } from './do-downloads.ts';
import { DoError, hresults } from './do-error.ts';
import { defaultRunDir, listenInRange, type PortFile, writePortFile } from './port-file.ts';
import { prepareConfigDir } from './prepare-config-dir.ts';
import { createRestServer } from './rest-server.ts';
import type { ServiceUser } from './service-user.ts';

/** Where Microsoft's clients have their configuration. */
export const defaultConfigDir = '/etc/deliveryoptimization-agent';

export interface DoCompatOptions {
  runDir?: string | undefined;
  configDir?: string | undefined;
  /** Whose the configuration folder is to be; this user's if not given. */
  user?: ServiceUser | undefined;
  /** The first port that is tried, 50000 if not given. */
  firstPort?: number | undefined;
  hasNetwork?: (() => boolean) | undefined;
  clock?: Clock | undefined;
  logger?: Logger | undefined;
}

/**
 * How long a call waits for the agent to be there, ms. The port is told before, while there are the rights to
 * tell it, and the SDK, who waits for a reply without an end, asks no more than three times within two seconds.
 */
const patienceMs = 10_000;

/** The REST interface; when it has no agent for long, it says that there is no service. */
export interface DoCompat extends AsyncDisposable {
  readonly port: number;
  readonly portFile: string;
  /** @param dataDir of the agent: nobody may have a file put there. */
  serve(agent: Pick<Agent, 'download'>, dataDir: string): void;
  /** Reads the administrator's configuration anew. */
  reload(): void;
  close(): Promise<void>;
}

/**
 * Microsoft's local REST interface, so that its SDK and apt plug-in work with Sluice unchanged. To be
 * called before privileges are dropped.
 * @throws ListenFailed, Disk errors.
 */
export async function openDoCompat(options: DoCompatOptions = {}): Promise<DoCompat> {
  const { clock = systemClock, logger = pino({ level: 'silent' }) } = options;
  const { runDir = defaultRunDir, configDir = defaultConfigDir, user } = options;
  prepareConfigDir(configDir, user);
  const config = new DoConfig(configDir, clock, logger);
  const arriving = Promise.withResolvers<DoDownloads>();
  const closing = new AbortController();
  let downloads: DoDownloads | undefined;
  const server = createRestServer({
    answer: async (call) => {
      const served = downloads ?? (await arrival(arriving.promise, clock, closing.signal));
      return await served.answer(call);
    },
    validatesRemoteAddress: () => config.validatesRemoteAddress(),
    logger,
  });
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listenInRange(server, options.firstPort);
  let portFile: PortFile | undefined;
  const close = async () => {
    // First: clients that lose their connection look for the port at once.
    portFile?.empty();
    closing.abort();
    const closed = new Promise((done) => server.close(done));
    for (const socket of sockets) socket.destroy();
    await closed;
    await downloads?.close();
  };
  try {
    portFile = writePortFile(runDir, port);
    return {
      port,
      portFile: portFile.path,
      serve: (agent, dataDir) => {
        downloads = new DoDownloads({
          agent,
          cache: new CacheChoice(config, clock),
          ownFolder: resolve(dataDir),
          hasNetwork: options.hasNetwork ?? hasNetwork,
          clock,
        });
        arriving.resolve(downloads);
      },
      reload: () => config.reload(),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws DoError noService */
async function arrival(
  downloads: Promise<DoDownloads>,
  clock: Clock,
  closing: AbortSignal,
): Promise<DoDownloads> {
  using limit = deadline(clock, patienceMs, closing);
  try {
    return await unlessAborted(downloads, limit.signal);
  } catch {
    throw new DoError(hresults.noService, 'no agent yet');
  }
}
