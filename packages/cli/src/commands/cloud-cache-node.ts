import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { CloudFlags } from '../cloud-access/as-admin.ts';
import type { NodeFlagsOfCloud } from '../cloud-cache-node/cloud-cache-node.ts';
import { integerValue, pathValue, rateValue, urlValue } from '../options/values.ts';
import { adminCommand } from './admin-command.ts';

const load = () => import('../cloud-cache-node/cloud-cache-node.ts');
const loadJobs = () => import('../cloud-cache-node/cloud-jobs.ts');

/** `sluice cloud-cache-node`: the cache nodes that a cloud knows. */
export function cloudCacheNodeCommand(): Command {
  const group = new Command('cloud-cache-node').description(
    'the cache nodes that a cloud tells devices of',
  );
  for (const command of [...nodeCommands(), ...jobCommands()]) group.addCommand(command);
  return group;
}

function nodeCommands(): Command[] {
  const create = adminCommand('create', 'make a node, and print the key that registers it once', [
    'sluice cloud-cache-node create site-1 --cidr 10.1.0.0/16 --drive /var/cache/sluice,500',
    'devices that the cloud sees at 10.1.*.* are told of it as soon as it phones home',
  ])
    .addArgument(nameArgument())
    .action(async (name: string, flags: NodeFlagsOfCloud) =>
      (await load()).createNode(name, flags),
    );
  const update = adminCommand('update', 'change what is set for a node', [
    'sluice cloud-cache-node update site-1 --disable',
    'devices are told of it no more',
  ])
    .addArgument(nameArgument())
    .action(async (name: string, flags: NodeFlagsOfCloud) =>
      (await load()).updateNode(name, flags),
    );
  for (const option of settingOptions()) {
    create.addOption(option);
    update.addOption(option);
  }
  return [
    create,
    update,
    adminCommand('list', 'all nodes with their state', [
      'sluice cloud-cache-node list',
      'a line each',
    ]).action(async (flags: CloudFlags) => (await load()).listNodes(flags)),
    adminCommand('show', 'all that is known of a node', [
      'sluice cloud-cache-node show site-1',
      'as JSON',
    ])
      .addArgument(nameArgument())
      .action(async (name: string, flags: CloudFlags) => (await load()).showNode(name, flags)),
    adminCommand('renew-key', 'a new key to register the node with', [
      'sluice cloud-cache-node renew-key site-1',
      'what the node has by now holds until it comes with the new key',
    ])
      .addArgument(nameArgument())
      .action(async (name: string, flags: CloudFlags) => (await load()).renewKey(name, flags)),
    adminCommand('delete', 'forget a node', [
      'sluice cloud-cache-node delete site-1',
      'it is heard no more',
    ])
      .addArgument(nameArgument())
      .action(async (name: string, flags: CloudFlags) => (await load()).deleteNode(name, flags)),
  ];
}

function jobCommands(): Command[] {
  return [
    adminCommand('preheat', 'have a node fetch files, now, later or again and again', [
      'sluice cloud-cache-node preheat site-1 https://cdn.example.com/big --at 2027-01-31T02:00Z --rate 20MB/s',
      'in the night; the results are in `sluice cloud-cache-node jobs site-1`',
    ])
      .addArgument(nameArgument())
      .addArgument(
        new Argument('<url...>', 'what to fetch, as devices name it').argParser(urlsValue),
      )
      .addOption(new Option('--rate <rate>', 'bytes a second on average').argParser(rateValue))
      .addOption(new Option('--at <time>', 'ISO 8601; now if not given').argParser(timeValue))
      .addOption(
        new Option('--every <seconds>', 'again after so long').argParser(
          integerValue(60, 31_536_000),
        ),
      )
      .action(async (name: string, urls: string[], flags) =>
        (await loadJobs()).addJob(name, urls, flags),
      ),
    adminCommand('jobs', 'the jobs of a node, with their results', [
      'sluice cloud-cache-node jobs site-1',
      'what became of each URL',
    ])
      .addArgument(nameArgument())
      .action(async (name: string, flags: CloudFlags) => (await loadJobs()).listJobs(name, flags)),
    adminCommand('cancel', 'give up a job', [
      'sluice cloud-cache-node cancel site-1 JOB',
      'at the node, too',
    ])
      .addArgument(nameArgument())
      .addArgument(new Argument('<job>', 'its id'))
      .action(async (name: string, id: string, flags: CloudFlags) =>
        (await loadJobs()).cancelJob(name, id, flags),
      ),
  ];
}

function settingOptions(): Option[] {
  return [
    new Option('--cidr <network...>', 'tell devices of these networks of it'),
    new Option(
      '--max-egress-mbps <mbps>',
      'how much it may send, by which its load is judged',
    ).argParser(integerValue(1, 1_000_000)),
    new Option(
      '--drive <path,GB...>',
      'its cache folder and size, for the command that starts it',
    ).argParser(driveValue),
    new Option('--enable', 'tell devices of it (as from the start)').conflicts('disable'),
    new Option('--disable', 'tell nobody of it'),
  ];
}

function nameArgument(): Argument {
  return new Argument('<name>', 'of the node').argParser((text: string) => {
    if (/^[A-Za-z0-9_-]{1,90}$/.test(text)) return text;
    throw new InvalidArgumentError('It must be 1 to 90 letters, digits, - or _.');
  });
}

function driveValue(text: string, previous: NodeFlagsOfCloud['drive']): NodeFlagsOfCloud['drive'] {
  const [, path, size] = /^(.+),(\d{1,6})$/.exec(text) ?? [];
  if (path === undefined || Number(size) < 1) throw new InvalidArgumentError('It must be PATH,GB.');
  pathValue(path);
  return [...(previous ?? []), { Path: path, SizeInGb: Number(size) }];
}

function urlsValue(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), urlValue(text)];
}

function timeValue(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('It must be a time in ISO 8601.');
  return time.toISOString();
}
