import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { KnownHead } from '../cloud-admin/hash-log.ts';
import { urlValue } from '../options/values.ts';
import { adminCommand } from './admin-command.ts';

const load = () => import('../cloud-admin/ingest.ts');

/** `sluice cloud ingest`: what the cloud hashes by itself. */
export function ingestCommand(): Command {
  const group = new Command('ingest').description('contents that the cloud hashes by itself');
  group.addCommand(
    adminCommand('list', 'the hashing jobs and what became of them', [
      'sluice cloud ingest list --state Failed',
      'those that failed, and why',
    ])
      .addOption(
        new Option('--state <state>', 'these only').choices([
          ...['Waiting', 'Running', 'Done', 'Failed'],
        ]),
      )
      .action(async (flags) => (await load()).listIngest(flags)),
  );
  group.addCommand(
    adminCommand('add', 'hash URLs before anybody asks for them', [
      'sluice cloud ingest add https://cdn.example.com/setup.exe',
      'of a host that the cloud was allowed',
    ])
      .addArgument(new Argument('<url...>', 'as devices name it').argParser(urlsValue))
      .action(async (urls: string[], flags) => (await load()).addIngest(urls, flags)),
  );
  group.addCommand(
    adminCommand('retry', 'do a job again, now', ['sluice cloud ingest retry ID', 'reads it all'])
      .addArgument(idArgument())
      .action(async (id: string, flags) => (await load()).retryIngest(id, flags)),
  );
  group.addCommand(
    adminCommand('remove', 'forget a job; what was published stays', [
      'sluice cloud ingest remove ID',
      'it may be asked for again',
    ])
      .addArgument(idArgument())
      .action(async (id: string, flags) => (await load()).removeIngest(id, flags)),
  );
  return group;
}

/** `sluice cloud log`: all that was ever said of URLs and their hashes. */
export function hashLogCommand(): Command {
  return adminCommand('log', 'all hash lists that were ever named for a URL', [
    'sluice cloud log --verify --head 17:5feceb66…',
    'that nothing was changed or left out since an earlier --verify printed this head',
  ])
    .addOption(new Option('--verify', 'check that every entry follows from the one before'))
    .addOption(new Option('--head <head>', 'what an earlier --verify printed').argParser(headValue))
    .action(async (flags) => (await import('../cloud-admin/hash-log.ts')).hashLog(flags));
}

function idArgument(): Argument {
  return new Argument('<id>', 'of the job, as list shows it').argParser((text: string) => {
    if (/^[0-9a-f]{32}$/.test(text)) return text;
    throw new InvalidArgumentError('It must be 32 hex digits, see `sluice cloud ingest list`.');
  });
}

function urlsValue(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), urlValue(text)];
}

function headValue(text: string): KnownHead {
  const [, seq, digest] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || digest === undefined) {
    throw new InvalidArgumentError('It must be NUMBER:DIGEST.');
  }
  return { seq: Number(seq), digest };
}
