import { Argument, Command, Option } from 'commander';
import type { BlockFlags } from '../cloud-admin/content-policy.ts';
import { contentIdValue, hashOfHashesValue, pathValue, urlValue } from '../options/values.ts';
import { adminCommand } from './admin-command.ts';

const load = () => import('../cloud-admin/content-policy.ts');

/** `sluice cloud content-policy`: what is allowed with which contents, and what is blocked. */
export function contentPolicyCommand(): Command {
  const group = new Command('content-policy').description(
    'what is allowed with which contents, and what is blocked',
  );
  for (const command of [...ruleCommands(), ...blockCommands()]) group.addCommand(command);
  return group;
}

function ruleCommands(): Command[] {
  return [
    adminCommand('show', 'the rules and the default classes, as JSON', [
      'sluice cloud content-policy show > rules.json',
      'to be changed, and set',
    ]).action(async (flags) => (await load()).showRules(flags)),
    adminCommand('set', 'replace the rules by those of a file', [
      'sluice cloud content-policy set rules.json',
      'all of them or, when one is wrong, none',
    ])
      .addArgument(new Argument('<file>', 'JSON, as show prints it').argParser(pathValue))
      .action(async (file: string, flags) => (await load()).setRules(file, flags)),
  ];
}

function blockCommands(): Command[] {
  return [
    adminCommand('block', 'have devices get and share something no more, and delete it', [
      'sluice cloud content-policy block --url-prefix https://cdn.example.com/bad/ --reason "recalled"',
      'within five minutes it is gone from all caches of devices; prints the id of the block',
    ])
      .addOption(new Option('--content-id <id>', 'by its ContentId').argParser(contentIdValue))
      .addOption(new Option('--url-prefix <url>', 'all below this URL').argParser(urlValue))
      .addOption(
        new Option('--hash-of-hashes <base64>', 'by its HashOfHashes').argParser(hashOfHashesValue),
      )
      .addOption(new Option('--http-only', 'downloads go on, from the source alone'))
      .addOption(new Option('--reason <text>', 'for people').makeOptionMandatory())
      .action(async (flags: BlockFlags) => (await load()).block(flags)),
    adminCommand('blocks', 'what is blocked', [
      'sluice cloud content-policy blocks',
      'with why, and the ids for unblock',
    ]).action(async (flags) => (await load()).listBlocks(flags)),
    adminCommand('unblock', 'take a block back', [
      'sluice cloud content-policy unblock ID',
      'it may be had and shared again',
    ])
      .addArgument(new Argument('<id>', 'as blocks shows it'))
      .action(async (id: string, flags) => (await load()).unblock(id, flags)),
  ];
}
