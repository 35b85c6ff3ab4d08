import path from 'node:path';
import type { PeerRestriction } from '@sluice/agent';
import { Command, Option } from 'commander';
import { type DoCompatFlags, doCompatOptions, prepareForClients } from '../agent/do-compat.ts';
import {
  cacheHostOption,
  cloudOption,
  dataDirOption,
  jsonOption,
  noLocalDiscoveryOption,
  peerPortOption,
  restrictPeersOption,
  setOption,
} from '../options/common.ts';
import { proxyOptions } from '../options/http.ts';
import {
  type LimitFlags,
  limitsOf,
  maxDownloadRateOption,
  maxUploadRateOption,
} from '../options/limits.ts';
import { settingsHelp } from '../options/settings-help.ts';
import { type TrustFlags, trustOptions } from '../options/signing.ts';
import { integerValue, pathValue } from '../options/values.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { logLevelOf } from '../process/log-level.ts';
import { otlpEndpoint } from '../process/otlp-endpoint.ts';
import { examples } from './examples.ts';

interface Options extends LimitFlags, DoCompatFlags, TrustFlags {
  dataDir?: string;
  cloud?: string;
  cacheHost?: string[];
  proxy?: string;
  proxyUser?: string;
  maxConnectionsPerHost?: number;
  peerPort?: number;
  listenHost?: string;
  localDiscovery: boolean;
  restrictPeerSelectionBy?: PeerRestriction;
  set?: Record<string, string>;
  sharedSocket?: string;
  json?: boolean;
}

export function agentCommand(): Command {
  const [proxyOption, proxyUserOption] = proxyOptions() as [Option, Option];
  const command = new Command('agent')
    .description('run the device agent: downloads for local programs, uploads to peers')
    .addOption(dataDirOption('where downloads and the socket are', 'agent in the state folder'))
    .addOption(cloudOption())
    .addOption(cacheHostOption())
    .addOption(proxyOption)
    .addOption(proxyUserOption)
    .addOption(
      new Option(
        '--max-connections-per-host <n>',
        'HTTP connections to one host at a time (default: 16)',
      ).argParser(integerValue(1, 1000)),
    )
    .addOption(peerPortOption())
    .addOption(noLocalDiscoveryOption())
    .addOption(restrictPeersOption())
    .addOption(setOption())
    .addOption(new Option('--listen-host <address>', 'address to take peers on (default: all)'))
    .addOption(maxDownloadRateOption())
    .addOption(maxUploadRateOption())
    .addOption(
      new Option(
        '--shared-socket <path>',
        'a socket for all users of this machine, each with jobs of its own; not as root',
      ).argParser(pathValue),
    )
    .addOption(jsonOption())
    .addHelpText('after', settingsHelp)
    .addHelpText(
      'after',
      examples(
        [
          'sluice agent --cloud https://sluice.example.com --cache-host cache.local',
          'from now on `sluice get` on this machine works through it',
        ],
        [
          'sluice agent --set DOMinFileSizeToCache=1 --set DODelayBackgroundDownloadFromHttp=60',
          'for a large fleet: small files from peers, too, and a minute for peers before HTTP',
        ],
      ),
    )
    .action(agent);
  for (const option of [...trustOptions(), ...doCompatOptions()]) command.addOption(option);
  return command;
}

/** What `sluice log` shows. @throws DiskUnwritable */
async function openLogFile(dataDir: string) {
  const { LogFile } = await import('../process/log-file.ts');
  return new LogFile(dataDir);
}

async function agent(options: Options, command: Command): Promise<void> {
  const { runServer } = await import('../process/run-server.ts');
  await runServer(async () => {
    const dataDir = path.resolve(options.dataDir ?? defaultDataDir('agent'));
    const openForClients = await prepareForClients(options, dataDir);
    const { tuneForLongRun } = await import('../process/tune-for-long-run.ts');
    const { openLogger } = await import('../process/logger.ts');
    const { trustedKeysOf } = await import('../keys/trusted-keys.ts');
    const agentFace = await import('@sluice/agent');
    const { createAgent, openJobs, serveLocalApi, SystemDhcp, SystemGroupFacts } = agentFace;
    await using undo = new AsyncDisposableStack();
    // First of all: it needs rights that are given up then.
    const compat = await openForClients?.();
    if (compat) undo.use(compat);
    const logger = openLogger(logLevelOf(command, 'info'), await openLogFile(dataDir));
    const device = undo.use(
      await createAgent({
        dataDir,
        persistent: true,
        ...(options.cloud !== undefined && { cloudUrl: options.cloud }),
        ...(options.cacheHost && { cacheHosts: options.cacheHost }),
        env: process.env,
        otlpEndpoint: otlpEndpoint(),
        proxy: options.proxy,
        proxyUser: options.proxyUser,
        maxConnectionsPerHost: options.maxConnectionsPerHost,
        ...(options.peerPort !== undefined && { peerPort: options.peerPort }),
        ...(options.listenHost !== undefined && { listenHost: options.listenHost }),
        settings: { ...options.set, ...limitsOf(options) },
        policies: agentFace.systemPolicyPlaces(),
        dhcp: new SystemDhcp(),
        groupFacts: new SystemGroupFacts(),
        localDiscovery: options.localDiscovery,
        restrictPeerSelectionBy: options.restrictPeerSelectionBy,
        trustedKeys: await trustedKeysOf(options),
        logger,
      }),
    );
    const jobs = undo.use(await openJobs(device, dataDir, { logger }));
    const { sharedSocket } = options;
    const api = undo.use(await serveLocalApi(device, { dataDir, jobs, sharedSocket }));
    compat?.serve(device, dataDir);
    void device.prepare().then(tuneForLongRun);
    const open = undo.move();
    return {
      ready: {
        line: `sluice agent ready at ${api.address}, peers at port ${device.peerPort}`,
        json: {
          Ready: 'agent',
          Address: api.address,
          PeerPort: device.peerPort,
          PeerId: device.peerId,
          ...(compat && { DoPort: compat.port }),
        },
      },
      async reload() {
        compat?.reload();
        await device.settings.reload();
      },
      close: () => open.disposeAsync(),
    };
  }, options);
}
