import type { Command, Option } from 'commander';

const nameAndValue = 'name=value';

/** What can follow as the value of an option or as an argument. */
export type ValueKind = 'file' | 'folder' | 'other';

export interface OptionNode {
  /** `-o`, `--output`, as far as there are. */
  names: string[];
  description: string;
  /** Undefined when the option takes no value. */
  value: ValueKind | undefined;
  choices: readonly string[];
}

export interface CommandNode {
  /** Words after `sluice`, joined by a space; empty for the program itself. */
  path: string;
  name: string;
  description: string;
  options: OptionNode[];
  children: CommandNode[];
  /** What its arguments are, in order. */
  args: { name: string; kind: ValueKind; choices: readonly string[] }[];
}

/**
 * The command line as data, from which the completion scripts are made.
 * @param settings names of the settings.
 */
export function commandTree(
  command: Command,
  settings: readonly string[],
  parents: readonly string[] = [],
): CommandNode {
  const help = command.createHelp();
  const inherited = help.visibleGlobalOptions(command);
  return {
    path: parents
      .slice(1)
      .concat(parents.length > 0 ? command.name() : [])
      .join(' '),
    name: command.name(),
    description: command.description(),
    options: [...help.visibleOptions(command), ...inherited].map((option) =>
      optionNode(option, settings),
    ),
    children: command.commands.map((child) =>
      commandTree(child, settings, [...parents, command.name()]),
    ),
    args: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      kind: kindOf(argument.name()),
      choices: argument.argChoices ?? choicesFor(argument.name(), settings),
    })),
  };
}

/** The node and all below it. */
export function flatten(node: CommandNode): CommandNode[] {
  return [node, ...node.children.flatMap(flatten)];
}

function optionNode(option: Option, settings: readonly string[]): OptionNode {
  const placeholder = /[<[]([^>\]]+)/.exec(option.flags)?.[1];
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    description: option.description,
    value: placeholder === undefined ? undefined : kindOf(placeholder),
    choices:
      option.argChoices ?? (placeholder === nameAndValue ? choicesFor(placeholder, settings) : []),
  };
}

/** Of an argument that is a setting, or one and what it is to be. */
function choicesFor(placeholder: string, settings: readonly string[]): readonly string[] {
  if (placeholder === 'name') return settings;
  return placeholder === nameAndValue ? settings.map((name) => `${name}=`) : [];
}

function kindOf(placeholder: string): ValueKind {
  if (placeholder === 'dir') return 'folder';
  return placeholder === 'file' || placeholder === 'phf' ? 'file' : 'other';
}
