import path from 'node:path';
import type { CacheNode } from '@sluice/connected-cache';
import { Command, Option } from 'commander';
import type { Logger } from 'pino';
import { type ServingFlags, servingOptions, servingSettings } from '../cache-node/serving-flags.ts';
import { jsonOption, listenOption } from '../options/common.ts';
import type { HostPort } from '../options/parse-host-port.ts';
import { hostListValue, pathValue, sizeValue } from '../options/values.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { logLevelOf } from '../process/log-level.ts';
import { certificateFolder, csrCommand, importCertCommand } from './cache-node-certificate.ts';
import { examples } from './examples.ts';

interface Options extends ServingFlags {
  listen: HostPort & { port: number };
  cacheDir?: string;
  cacheSize: number;
  allow?: string[];
  json?: boolean;
}

const defaultCacheSize = 50e9;

export function cacheNodeCommand(): Command {
  const command = new Command('cache-node')
    .description('run a Connected Cache node: one copy of each file for a site')
    .addOption(listenOption(8081))
    .addOption(
      new Option(
        '--cache-dir <dir>',
        'where the cached files are (default: cache in the state folder)',
      ).argParser(pathValue),
    )
    .addOption(
      new Option('--cache-size <size>', 'the most that they may take')
        .default(defaultCacheSize, '50GB')
        .argParser(sizeValue(64 * 1024 ** 2, Number.MAX_SAFE_INTEGER, 'at least 64MiB')),
    )
    .addOption(
      new Option('--allow <host[:port]>', 'a source to fetch from; may be repeated').argParser(
        hostListValue,
      ),
    )
    .addOption(jsonOption());
  for (const option of servingOptions()) command.addOption(option);
  return command
    .addCommand(csrCommand())
    .addCommand(importCertCommand())
    .addHelpText(
      'after',
      examples([
        'sluice cache-node --listen 0.0.0.0:80 --allow deb.debian.org --allow cdn.example.com:8443',
        'for a site; other sources are refused, private addresses too unless listed',
      ]),
    )
    .action(cacheNode);
}

async function cacheNode(options: Options, command: Command): Promise<void> {
  const { allow } = options;
  // Not a mandatory option to commander: it would be one of the subcommands, too.
  if (!allow) command.error("error: required option '--allow <host[:port]>' not specified");
  const { runServer } = await import('../process/run-server.ts');
  await runServer(async () => {
    const { openLogger } = await import('../process/logger.ts');
    const { createCacheNode } = await import('@sluice/connected-cache');
    const logger = openLogger(logLevelOf(command, 'info'));
    const node = await createCacheNode({
      cacheDir: path.resolve(options.cacheDir ?? defaultDataDir('cache')),
      listen: options.listen,
      maxBytes: options.cacheSize,
      allow,
      ...(await servingSettings(options, certificateFolder())),
      logger,
    });
    return {
      ready: {
        line: `sluice cache-node ready at ${node.url}`,
        json: { Ready: 'cache-node', Url: node.url, ...(node.tlsUrl && { TlsUrl: node.tlsUrl }) },
      },
      reload: options.tlsListen && (() => reload(node, logger)),
      close: () => node.close(),
    };
  }, options);
}

async function reload(node: CacheNode, logger: Logger): Promise<void> {
  try {
    await node.reloadCertificate();
  } catch (error) {
    logger.error({ err: error }, 'the certificate was not taken up');
  }
}
