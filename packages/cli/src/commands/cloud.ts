import path from 'node:path';
import { Command } from 'commander';
import {
  type OperationsFlags,
  operationsOptions,
  operationsSettings,
} from '../options/cloud-operations.ts';
import { type ServiceFlags, serviceOptions, serviceSettings } from '../options/cloud-services.ts';
import { storeOptions } from '../options/cloud-stores.ts';
import {
  type CloudIdentityFlags,
  cloudIdentityOf,
  cloudIdentityOptions,
} from '../options/cloud-tls.ts';
import { jsonOption, listenOption } from '../options/common.ts';
import { type IngestFlags, ingestOptions, ingestSettings } from '../options/ingest.ts';
import { type OidcFlags, oidcOptions } from '../options/oidc.ts';
import type { HostPort } from '../options/parse-host-port.ts';
import { type ReportFlags, reportFlags, reportOptions } from '../options/reports.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { logLevelOf } from '../process/log-level.ts';
import { otlpEndpoint } from '../process/otlp-endpoint.ts';
import { version } from '../version.ts';
import { cloudAccessCommands } from './cloud-access.ts';
import { hashLogCommand, ingestCommand } from './cloud-content.ts';
import { contentPolicyCommand } from './cloud-content-policy.ts';
import { cloudDeviceCommand, cloudEnrolmentCommand } from './cloud-identity.ts';
import { cloudOperationsCommands } from './cloud-operations.ts';
import { rolloutsCommand } from './cloud-rollouts.ts';
import { examples } from './examples.ts';

interface Options
  extends IngestFlags,
    OidcFlags,
    OperationsFlags,
    ReportFlags,
    ServiceFlags,
    CloudIdentityFlags {
  listen: HostPort & { port: number };
  dataDir?: string;
  adminTokenFile?: string;
  database?: string;
  swarmStore?: string;
  trustedProxy?: string[];
  json?: boolean;
}

export function cloudCommand(): Command {
  const command = new Command('cloud')
    .description('run the cloud: content policies, hash lists, who has what')
    .addOption(listenOption(8080))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['sluice cloud', 'for this machine, at http://127.0.0.1:8080'],
        [
          'sluice cloud --listen 0.0.0.0:8080 --tls own --tls-name sluice.example.com --enrolment required',
          'for all machines that were enrolled with it',
        ],
        [
          'SLUICE_DATABASE=postgres://sluice:…@db/sluice SLUICE_SWARM_STORE=redis://:…@valkey sluice cloud --trusted-proxy 10.0.0.5',
          'one of several, behind a load balancer; passwords are not for the command line',
        ],
      ),
    )
    .action(cloud)
    // Behind `user`, `token` and the like a flag is theirs.
    .enablePositionalOptions()
    .hook('preAction', giveBack);
  const options = [
    storeOptions(),
    serviceOptions(),
    ingestOptions(),
    oidcOptions(),
    reportFlags(),
    cloudIdentityOptions(),
    operationsOptions(),
  ];
  for (const option of options.flat()) command.addOption(option);
  const commands = [
    ingestCommand(),
    contentPolicyCommand(),
    rolloutsCommand(),
    hashLogCommand(),
    ...cloudAccessCommands(),
    ...cloudOperationsCommands(),
    cloudEnrolmentCommand(),
    cloudDeviceCommand(),
  ];
  for (const child of commands) command.addCommand(child);
  return command;
}

/** The program takes flags apart before it knows of `child`: those that `parent` has too end up there. */
function giveBack(parent: Command, child: Command): void {
  if (child === parent) return;
  for (const option of child.options) {
    const name = option.attributeName();
    const source = parent.getOptionValueSource(name);
    if (source !== 'cli' || child.getOptionValueSource(name) === 'cli') continue;
    child.setOptionValueWithSource(name, parent.getOptionValue(name), source);
  }
}

async function cloud(options: Options, command: Command): Promise<void> {
  const { runServer } = await import('../process/run-server.ts');
  const { oidcOf } = await import('../cloud-access/oidc-of.ts');
  const oidc = await oidcOf(options);
  await runServer(async () => {
    const { openLogger } = await import('../process/logger.ts');
    const { createCloud } = await import('@sluice/cloud');
    const logger = openLogger(logLevelOf(command, 'info'));
    const server = await createCloud({
      dataDir: path.resolve(options.dataDir ?? defaultDataDir('cloud')),
      listen: options.listen,
      ...(options.database !== undefined && { database: options.database }),
      ...(options.swarmStore !== undefined && { swarmStore: options.swarmStore }),
      ...serviceSettings(options),
      ingest: await ingestSettings(options),
      trustedProxies: options.trustedProxy ?? [],
      ...reportOptions(options),
      ...(options.adminTokenFile !== undefined && { adminTokenFile: options.adminTokenFile }),
      ...(oidc && { oidc }),
      ...operationsSettings(options),
      version: version(),
      otlpEndpoint: otlpEndpoint(),
      ...cloudIdentityOf(options),
      logger,
    });
    return {
      ready: {
        line: `sluice cloud ready at ${server.url}`,
        json: { Ready: 'cloud', Url: server.url, AdminTokenFile: server.adminTokenFile },
      },
      drainMs: options.drain * 1000,
      // With no certificate to read anew SIGHUP ends the cloud as it ends any program.
      ...(options.tls !== undefined && {
        reload: () =>
          server.reload().catch((err: unknown) => {
            logger.error({ err }, 'the certificate was not taken up');
          }),
      }),
      close: () => server.close(),
    };
  }, options);
}
