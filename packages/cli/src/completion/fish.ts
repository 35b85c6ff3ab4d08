import { type CommandNode, flatten, type OptionNode } from './command-tree.ts';

/** For fish 3. */
export function fishCompletion(root: CommandNode): string {
  const nodes = flatten(root);
  const steps = nodes.flatMap((node) =>
    node.children.map(
      (c) => `            case '${node.path}|${c.name}'\n                set path '${c.path}'`,
    ),
  );
  return `# fish completion for sluice: sluice completion fish > ~/.config/fish/completions/sluice.fish
function __sluice_at
    set -l path ''
    for word in (commandline -opc)[2..-1]
        switch "$path|$word"
${steps.join('\n')}
        end
    end
    test "$path" = "$argv[1]"
end
complete -c sluice -f
${nodes.flatMap(linesOf).join('\n')}
`;
}

function linesOf(node: CommandNode): string[] {
  const start = `complete -c sluice -n ${quote(`__sluice_at '${node.path}'`)}`;
  return [
    ...node.children.map((c) => `${start} -a ${c.name} -d ${quote(c.description)}`),
    ...node.args.flatMap(({ choices, kind }) => {
      if (choices.length > 0) return [`${start} -a ${quote(choices.join(' '))}`];
      return kind === 'file' ? [`${start} -F`] : [];
    }),
    ...node.options.map(
      (option) => `${start} ${optionFlags(option)} -d ${quote(option.description)}`,
    ),
  ];
}

function optionFlags({ names, value, choices }: OptionNode): string {
  const flags = names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  if (choices.length > 0) flags.push(`-x -a ${quote(choices.join(' '))}`);
  else if (value === 'file') flags.push('-r -F');
  else if (value === 'folder') flags.push(`-x -a ${quote('(__fish_complete_directories)')}`);
  else if (value === 'other') flags.push('-x');
  return flags.join(' ');
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
