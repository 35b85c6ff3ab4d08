import { Command } from 'commander';
import { phfCreateCommand } from './phf-create.ts';
import { phfShowCommand } from './phf-show.ts';
import { phfVerifyCommand } from './phf-verify.ts';

export function phfCommand(): Command {
  return new Command('phf')
    .description('create, show and check pieces hash files (PHF)')
    .addCommand(phfCreateCommand())
    .addCommand(phfShowCommand())
    .addCommand(phfVerifyCommand());
}
