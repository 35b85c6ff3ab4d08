import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { dataDirOption, jsonOption } from '../options/common.ts';
import { examples } from './examples.ts';

const load = () => import('../admin/cache.ts');

export function cacheCommand(): Command {
  return new Command('cache')
    .description('look after the files that the running agent keeps')
    .addCommand(
      command('list', 'list the files', ['sluice cache list', 'with pins and expiry']).action(
        async (flags) => (await load()).listCache(flags),
      ),
    )
    .addCommand(
      pinCommand('pin', 'keep a file until its expiry, whatever it takes of the disk', true),
    )
    .addCommand(pinCommand('unpin', 'let a file go with the others again', false))
    .addCommand(expireCommand())
    .addCommand(deleteCommand())
    .addCommand(
      command(
        'verify',
        'read all files back; corrupt ones are dropped and fetched again, exit code 5',
        ['sluice cache verify', 'in quiet: half of the time the disk is left to others'],
      ).action(async (flags) => (await load()).verifyCache(flags)),
    );
}

function pinCommand(name: string, description: string, isPinned: boolean): Command {
  return command(name, description, [
    `sluice cache ${name} https://cdn.example.com/debian.iso`,
    'only what came in the modes Lan, Group and Internet can be pinned',
  ])
    .addArgument(new Argument('<id>', 'FileId, URL or HashOfHashes of the file'))
    .action(async (id: string, flags) => (await load()).pinFile(id, isPinned, flags));
}

function expireCommand(): Command {
  return command('expire', 'set when a file goes, all files without <id>', [
    'sluice cache expire --on 2027-01-31',
    'those that are being downloaded go when they are complete',
  ])
    .addArgument(new Argument('[id]', 'FileId, URL or HashOfHashes of the file'))
    .addOption(
      new Option('--on <date>', 'ISO 8601, at most a year ahead; now if not given')
        .argParser(dateValue)
        .default(new Date(), 'now'),
    )
    .action(async (id: string | undefined, flags) => (await load()).expireFiles(id, flags));
}

function deleteCommand(): Command {
  return command('delete', 'delete a file and all that is known of it, all files without <id>', [
    'sluice cache delete --include-pinned --force',
    'empties the cache without a question',
  ])
    .addArgument(new Argument('[id]', 'FileId, URL or HashOfHashes of the file'))
    .addOption(new Option('--include-pinned', 'pinned files, too'))
    .addOption(new Option('--force', 'do not ask'))
    .action(async (id: string | undefined, flags) => (await load()).deleteFiles(id, flags));
}

function command(name: string, description: string, example: [string, string]): Command {
  return new Command(name)
    .description(description)
    .addOption(dataDirOption('of the agent', 'agent in the state folder'))
    .addOption(jsonOption())
    .addHelpText('after', examples(example));
}

function dateValue(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('It takes a date, such as 2027-01-31.');
  return date;
}
