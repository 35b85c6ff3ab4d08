import { Argument, Command, Option } from 'commander';
import { jsonOption } from '../options/common.ts';
import { pathValue } from '../options/values.ts';
import { adminCommand } from './admin-command.ts';
import { examples } from './examples.ts';

const load = () => import('../keys/keys.ts');

/** `sluice keys`: the keys that hash lists are signed by. */
export function keysCommand(): Command {
  const group = new Command('keys').description('keys that hash lists are signed by');
  for (const command of commands()) group.addCommand(command);
  return group;
}

function commands(): Command[] {
  return [
    command('create', 'make a key; prints its id', [
      'sluice keys create publisher.pem --set trusted-keys.json',
      'the key stays with who publishes, the set goes to the devices',
    ])
      .addArgument(fileArgument('<key>', 'the new file, for its owner alone'))
      .addOption(new Option('--set <file>', 'begin a set of keys with it').argParser(pathValue))
      .action(async (file: string, flags) => (await load()).createKey(file, flags)),
    command('list', 'the keys of a set', ['sluice keys list trusted-keys.json', 'and its version'])
      .addArgument(fileArgument('<set>', 'the set of keys'))
      .action(async (file: string, flags) => (await load()).listKeys(file, flags)),
    command('rotate', 'put a new key into a set', [
      'sluice keys rotate trusted-keys.json new.pem --sign-key publisher.pem',
      'then: sluice keys push, and publish by the new key',
    ])
      .addArgument(fileArgument('<set>', 'the set of keys'))
      .addArgument(fileArgument('<new-key>', 'the new key'))
      .addOption(signKeyOption())
      .action(async (file: string, key: string, flags) =>
        (await load()).rotateKeys(file, key, flags),
      ),
    command('revoke', 'have a key of a set count no more', [
      'sluice keys revoke trusted-keys.json 0123456789abcdef --sign-key new.pem',
      'then: sluice keys push',
    ])
      .addArgument(fileArgument('<set>', 'the set of keys'))
      .addArgument(new Argument('<id>', 'of the key'))
      .addOption(signKeyOption())
      .action(async (file: string, id: string, flags) => (await load()).revokeKey(file, id, flags)),
    adminCommand('push', 'have the cloud tell devices of a set', [
      'sluice keys push trusted-keys.json --cloud http://127.0.0.1:8080',
      'the first one, and each that follows',
    ])
      .addArgument(fileArgument('<set>', 'the set of keys'))
      .action(async (file: string, flags) => (await load()).pushKeys(file, flags)),
  ];
}

function command(name: string, description: string, example: [string, string]): Command {
  return new Command(name)
    .description(description)
    .addOption(jsonOption())
    .addHelpText('after', examples(example));
}

function fileArgument(name: string, description: string): Argument {
  return new Argument(name, description).argParser(pathValue);
}

function signKeyOption(): Option {
  return new Option('--sign-key <file>', 'a key of the set, not revoked')
    .argParser(pathValue)
    .makeOptionMandatory();
}
