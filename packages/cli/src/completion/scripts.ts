import { bashCompletion } from './bash.ts';
import type { CommandNode } from './command-tree.ts';
import { fishCompletion } from './fish.ts';
import { powershellCompletion } from './powershell.ts';
import { zshCompletion } from './zsh.ts';

/** The generator of each shell's completion script. */
export const completionScripts = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
} satisfies Record<string, (root: CommandNode) => string>;

export type Shell = keyof typeof completionScripts;
