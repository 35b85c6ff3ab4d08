import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { type DhcpFormat, dhcpFormats, dhcpLines } from '../cache-node/dhcp-lines.ts';
import type { NodeFlags } from '../cache-node/run-node.ts';
import { servingOptions } from '../cache-node/serving-flags.ts';
import { aliasValue, classValue, driveValue } from '../options/cache-node-values.ts';
import { jsonOption, listenOption } from '../options/common.ts';
import { type HostPort, parseHostPort } from '../options/parse-host-port.ts';
import {
  baseUrlValue,
  hostListValue,
  listenValue,
  pathValue,
  rateValue,
  sizeValue,
  urlValue,
} from '../options/values.ts';
import { logLevelOf } from '../process/log-level.ts';
import { csrCommand, importCertCommand } from './cache-node-certificate.ts';
import { examples } from './examples.ts';

const defaultCacheSize = 50e9;
const loadOrders = () => import('../cache-node/node-orders.ts');

export function cacheNodeCommand(): Command {
  const command = new Command('cache-node')
    .description('run a Connected Cache node: one copy of each file for a site')
    .addOption(listenOption(8081));
  for (const option of [...stateOptions(), ...nodeOptions(), ...servingOptions(), jsonOption()]) {
    command.addOption(option);
  }
  return command
    .addCommand(statusCommand())
    .addCommand(preheatCommand())
    .addCommand(dhcpCommand())
    .addCommand(csrCommand())
    .addCommand(importCertCommand())
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

async function cacheNode(flags: NodeFlags, command: Command): Promise<void> {
  // Not a mandatory option to commander: it would be one of the subcommands, too.
  if (!flags.allow) command.error("error: required option '--allow <host[:port]>' not specified");
  const { runServer } = await import('../process/run-server.ts');
  const { startNode } = await import('../cache-node/run-node.ts');
  await runServer(() => startNode(flags, logLevelOf(command, 'info')), flags);
}

function statusCommand(): Command {
  return order('status', 'show what the running node does, has done and suffers from')
    .addHelpText('after', examples(['sluice cache-node status', 'hits, volumes, issues']))
    .action(async (_, command: Command) =>
      (await loadOrders()).showStatus(command.optsWithGlobals()),
    );
}

function preheatCommand(): Command {
  return order('preheat', 'have the running node fetch files before anybody asks for them')
    .addArgument(new Argument('[url...]', 'what to fetch, as devices name it').argParser(urlsValue))
    .addOption(
      new Option('--from <file>', 'more URLs, one a line; - is standard input').argParser(
        pathValue,
      ),
    )
    .addOption(
      new Option('--rate <rate>', 'bytes a second on average, such as 5MB/s').argParser(rateValue),
    )
    .addHelpText(
      'after',
      examples([
        'sluice cache-node preheat --from urls.txt --rate 20MB/s',
        'says of each URL what became of it; exit code 1 when one failed',
      ]),
    )
    .action(async (urls: string[] | undefined, _, command: Command) =>
      (await loadOrders()).preheat(urls ?? [], command.optsWithGlobals()),
    );
}

function dhcpCommand(): Command {
  return new Command('dhcp')
    .description('print how a DHCP server tells devices of the node (option 235)')
    .addOption(
      new Option(
        '--host <host[:port]>',
        'the node as devices reach it; may be repeated, best first',
      )
        .argParser(hostListValue)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--format <server>', 'for this DHCP server').choices(dhcpFormats))
    .addHelpText(
      'after',
      examples(
        ['sluice cache-node dhcp --host cache.example.com', 'for all servers'],
        ['sluice cache-node dhcp --host 10.0.0.5:8081 --format dnsmasq', 'a line for dnsmasq.conf'],
      ),
    )
    .action(({ host, format }: { host: string[]; format?: DhcpFormat }) => {
      const hosts = host.map((text) => parseHostPort(text)!);
      if (format !== undefined) process.stdout.write(`${dhcpLines(format, hosts)}\n`);
      else {
        const parts = dhcpFormats.map((name) => `# ${name}\n${dhcpLines(name, hosts)}\n`);
        process.stdout.write(parts.join('\n'));
      }
    });
}

/** A command to the running node. Where its state is, and `--json`, the parent has as options too. */
function order(name: string, description: string): Command {
  const command = new Command(name).description(description);
  for (const option of [...stateOptions(), jsonOption()]) command.addOption(option);
  return command;
}

function stateOptions(): Option[] {
  return [
    new Option(
      '--cache-dir <dir>',
      'where the cached files are (default: cache in the state folder)',
    ).argParser(pathValue),
    new Option(
      '--state-dir <dir>',
      'where the node keeps its identity and takes orders (default: node in the cache folder)',
    ).argParser(pathValue),
  ];
}

function nodeOptions(): Option[] {
  return [
    new Option('--cache-size <size>', 'the most that they may take')
      .default(defaultCacheSize, '50GB')
      .argParser(sizeValue(64 * 1024 ** 2, Number.MAX_SAFE_INTEGER, 'at least 64MiB')),
    new Option(
      '--drive <path,size>',
      'a folder and the most that it may hold, in place of --cache-size; up to nine',
    ).argParser(driveValue),
    new Option(
      '--class <rules>',
      'contents with rules of their own: name=N,host=H,path=P,quota=SIZE,expiry=30d',
    ).argParser(classValue),
    new Option(
      '--alias <host=host>',
      'two hosts that bring the same files; the second is the name they are kept under',
    ).argParser(aliasValue),
    new Option(
      '--allow <host[:port]>',
      'a source to fetch from, *.suffix for all below; "microsoft": its documented content hosts; may be repeated',
    ).argParser(hostListValue),
    new Option(
      '--upstream <host[:port]>',
      'a cache node to ask before the source; the source when it fails',
    ).argParser(hostValue),
    new Option('--advertise', 'let devices on the local network find the node by DNS-SD'),
    // Not $SLUICE_CLOUD: a node that is registered nowhere must start beside devices that are.
    new Option(
      '--cloud <url>',
      'the Sluice cloud to register with, which also knows the hash lists that pieces are checked by',
    ).argParser(baseUrlValue),
    new Option(
      '--source-hash-lists',
      'check pieces by the hash list beside the file at its source, too (<URL>/pieceshash, <URL>.phf)',
    ),
    new Option(
      '--registration-key-file <file>',
      'the key from `sluice cloud-cache-node`, needed once',
    ).argParser(pathValue),
    new Option(
      '--public-host <host[:port]>',
      'what the cloud tells devices (default: the address that the cloud sees, the port of --listen)',
    ).argParser(hostValue),
    new Option(
      '--status-listen <host:port>',
      'an address of their own for the pages about the node',
    ).argParser(listenValue),
    new Option(
      '--api-key-file <file>',
      'who gives this key may see the pages from other machines',
    ).argParser(pathValue),
    new Option('--summary-public', 'everybody may see /summary'),
    new Option('--access-log <file>', 'a line for each answer; SIGHUP begins a new file').argParser(
      pathValue,
    ),
    new Option('--access-log-format <format>', 'combined, as Apache and nginx, or JSON lines')
      .choices(['combined', 'json'])
      .default('combined'),
    new Option('--access-log-queries', 'queries in the log, too: they may hold keys'),
  ];
}

function hostValue(text: string): HostPort {
  const parsed = parseHostPort(text);
  if (!parsed || parsed.port === 0) throw new InvalidArgumentError('It must be HOST or HOST:PORT.');
  return parsed;
}

function urlsValue(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), urlValue(text)];
}
