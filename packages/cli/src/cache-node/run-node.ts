import {
  type CacheNode,
  type ContentClass,
  collectAlone,
  createCacheNode,
  type DriveOptions,
  type OperationsOptions,
} from '@sluice/connected-cache';
import { sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import { readBounded } from '../files/read-bounded.ts';
import { aliasesOf } from '../options/cache-node-values.ts';
import { formatHostPort, type HostPort } from '../options/parse-host-port.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import type { LogLevel } from '../process/log-level.ts';
import { openLogger } from '../process/logger.ts';
import { otlpEndpoint } from '../process/otlp-endpoint.ts';
import type { Server } from '../process/run-server.ts';
import { type ServingFlags, servingSettings } from './serving-flags.ts';
import { socketFromSystemd } from './socket-activation.ts';
import { cacheDirOf, type StateFlags, stateDirOf } from './state-dir.ts';

type Listen = HostPort & { port: number };

export interface NodeFlags extends StateFlags, ServingFlags {
  listen: Listen;
  cacheSize: number;
  drive?: DriveOptions[];
  class?: ContentClass[];
  alias?: Record<string, string>;
  allow?: string[];
  upstream?: HostPort;
  advertise?: boolean;
  cloud?: string;
  sourceHashLists?: boolean;
  registrationKeyFile?: string;
  publicHost?: HostPort;
  statusListen?: Listen;
  apiKeyFile?: string;
  summaryPublic?: boolean;
  accessLog?: string;
  accessLogFormat?: 'combined' | 'json';
  accessLogQueries?: boolean;
  json?: boolean;
}

const maxSecretBytes = 4096;

/** Starts the node of `sluice cache-node`. @throws what `createCacheNode` throws, FileUnreadable */
export async function startNode(flags: NodeFlags, level: LogLevel): Promise<Server> {
  const logger = openLogger(level);
  const node = await createCacheNode({
    drives: flags.drive ?? [{ folder: cacheDirOf(flags), maxBytes: flags.cacheSize }],
    classes: flags.class ?? [],
    aliases: { ...aliasesOf(process.env), ...flags.alias },
    listen: socketFromSystemd() ?? flags.listen,
    allow: flags.allow ?? [],
    logger,
    ...(await servingSettings(flags, defaultDataDir('cache-tls'))),
    ...(flags.upstream && { upstream: formatHostPort(flags.upstream) }),
    ...hashListsOf(flags),
    operations: await operationsOf(flags),
  });
  collectAlone();
  const status = node.statusUrl === undefined ? '' : `, status at ${node.statusUrl}/details`;
  return {
    ready: {
      line: `sluice cache-node ready at ${node.url}${status}`,
      json: {
        Ready: 'cache-node',
        Url: node.url,
        StatusUrl: node.statusUrl ?? null,
        TlsUrl: node.tlsUrl ?? null,
      },
    },
    // With nothing to do anew SIGHUP ends the node as it ends any program.
    ...((flags.accessLog !== undefined || flags.tlsListen) && {
      reload: () => reload(node, logger),
    }),
    close: () => node.close(),
  };
}

/** Where hash lists are: what the cloud names is held to strictly, what lies at sources only when asked for. */
function hashListsOf({ cloud, sourceHashLists: fromSource = false }: NodeFlags) {
  if (cloud === undefined && !fromSource) return {};
  const base = cloud?.replace(/\/+$/, '');
  const ofCloud = base && { contentPolicyUri: `${base}/content/{contentId}/contentpolicy` };
  return { hashLists: { ...ofCloud, fromSource } };
}

async function reload(node: CacheNode, logger: Logger): Promise<void> {
  await node.reopenLog();
  try {
    await node.reloadCertificate();
  } catch (error) {
    logger.error({ err: error }, 'the certificate was not taken up');
  }
}

async function operationsOf(flags: NodeFlags): Promise<OperationsOptions> {
  const { accessLog, accessLogFormat, accessLogQueries, apiKeyFile, summaryPublic } = flags;
  return {
    stateDir: stateDirOf(flags),
    statusListen: flags.statusListen,
    access: {
      summaryPublic,
      apiKey: apiKeyFile === undefined ? undefined : await readSecret(apiKeyFile, '--api-key-file'),
    },
    advertise: flags.advertise,
    otlpEndpoint: otlpEndpoint(),
    cloud: await cloudOf(flags),
    ...(accessLog !== undefined && {
      accessLog: { file: accessLog, format: accessLogFormat, queries: accessLogQueries },
    }),
  };
}

async function cloudOf({
  cloud,
  registrationKeyFile,
  publicHost,
}: NodeFlags): Promise<OperationsOptions['cloud']> {
  if (cloud === undefined) {
    if (registrationKeyFile === undefined && publicHost === undefined) return undefined;
    const name = registrationKeyFile === undefined ? '--public-host' : '--registration-key-file';
    throw sluiceError('InvalidArgument', { name, detail: 'is for a --cloud' });
  }
  return {
    url: cloud,
    ...(publicHost && { publicHost: formatHostPort(publicHost) }),
    ...(registrationKeyFile !== undefined && {
      registrationKey: await readSecret(registrationKeyFile, '--registration-key-file'),
    }),
  };
}

/** A secret of printable characters. @throws FileUnreadable, InvalidArgument */
async function readSecret(file: string, name: string): Promise<string> {
  const bytes = await readBounded(file, maxSecretBytes);
  const text = Buffer.from(bytes).toString('utf8').trim();
  if (!/^[\x21-\x7e]{16,512}$/.test(text)) {
    const detail = `${file} must hold 16 to 512 printable characters without spaces`;
    throw sluiceError('InvalidArgument', { name, detail });
  }
  return text;
}
