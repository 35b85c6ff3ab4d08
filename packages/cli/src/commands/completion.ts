import { Argument, Command } from 'commander';
import type { Shell } from '../completion/scripts.ts';
import { print } from '../terminal/print.ts';
import { examples } from './examples.ts';

export function completionCommand(): Command {
  return new Command('completion')
    .description('print the completion script of a shell')
    .addArgument(
      new Argument('<shell>', 'the shell').choices([
        'bash',
        'zsh',
        'fish',
        'powershell',
      ] satisfies Shell[]),
    )
    .addHelpText(
      'after',
      examples(
        ['source <(sluice completion bash)', 'in ~/.bashrc'],
        ['sluice completion zsh > ~/.zfunc/_sluice', 'any folder of $fpath; then a new shell'],
        ['sluice completion fish > ~/.config/fish/completions/sluice.fish', 'for good'],
        ['sluice completion powershell | Out-String | Invoke-Expression', 'in $PROFILE'],
      ),
    )
    .action(completion);
}

async function completion(shell: Shell, _options: object, command: Command): Promise<void> {
  const { commandTree } = await import('../completion/command-tree.ts');
  const { completionScripts } = await import('../completion/scripts.ts');
  const { policyCatalogue } = await import('@sluice/protocol/policy');
  const tree = commandTree(command.parent!, Object.keys(policyCatalogue));
  print(completionScripts[shell](tree).trimEnd());
}
