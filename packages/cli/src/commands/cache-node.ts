import path from 'node:path';
import type { ContentClass, DriveOptions } from '@sluice/connected-cache';
import { Command, Option } from 'commander';
import { aliasesOf, aliasValue, classValue, driveValue } from '../options/cache-node-values.ts';
import { jsonOption, listenOption } from '../options/common.ts';
import type { HostPort } from '../options/parse-host-port.ts';
import { hostListValue, pathValue, sizeValue } from '../options/values.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { logLevelOf } from '../process/log-level.ts';
import { examples } from './examples.ts';

interface Options {
  listen: HostPort & { port: number };
  cacheDir?: string;
  cacheSize: number;
  drive?: DriveOptions[];
  class?: ContentClass[];
  alias?: Record<string, string>;
  allow: string[];
  json?: boolean;
}

const defaultCacheSize = 50e9;

export function cacheNodeCommand(): Command {
  return new Command('cache-node')
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
      new Option(
        '--drive <path,size>',
        'a folder and the most that it may hold, in place of --cache-dir; up to nine',
      )
        .argParser(driveValue)
        .conflicts('cacheDir'),
    )
    .addOption(
      new Option(
        '--class <rules>',
        'contents with rules of their own: name=N,host=H,path=P,quota=SIZE,expiry=30d',
      ).argParser(classValue),
    )
    .addOption(
      new Option(
        '--alias <host=host>',
        'two hosts that bring the same files; the second is the name they are kept under',
      ).argParser(aliasValue),
    )
    .addOption(
      new Option('--allow <host[:port]>', 'a source to fetch from; may be repeated')
        .argParser(hostListValue)
        .makeOptionMandatory(),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        [
          'sluice cache-node --listen 0.0.0.0:80 --allow deb.debian.org --allow cdn.example.com:8443',
          'for a site; other sources are refused, private addresses too unless listed',
        ],
        [
          'sluice cache-node --drive /ssd,500 --drive /hdd,4TB --class name=office,host=officecdn.microsoft.com,quota=200GB --allow officecdn.microsoft.com',
          'two drives of 500 GB and 4 TB; Office has 200 GB of its own, and takes no more',
        ],
      ),
    )
    .action(cacheNode);
}

async function cacheNode(options: Options, command: Command): Promise<void> {
  const { runServer } = await import('../process/run-server.ts');
  await runServer(async () => {
    const { openLogger } = await import('../process/logger.ts');
    const { createCacheNode } = await import('@sluice/connected-cache');
    const node = await createCacheNode({
      drives: options.drive ?? [
        {
          folder: path.resolve(options.cacheDir ?? defaultDataDir('cache')),
          maxBytes: options.cacheSize,
        },
      ],
      listen: options.listen,
      classes: options.class ?? [],
      aliases: { ...aliasesOf(process.env), ...options.alias },
      allow: options.allow,
      logger: openLogger(logLevelOf(command, 'info')),
    });
    return {
      ready: {
        line: `sluice cache-node ready at ${node.url}`,
        json: { Ready: 'cache-node', Url: node.url },
      },
      close: () => node.close(),
    };
  }, options);
}
