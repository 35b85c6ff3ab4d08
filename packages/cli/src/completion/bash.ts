import { type CommandNode, flatten, type OptionNode } from './command-tree.ts';

/** For bash 3.2 and newer. */
export function bashCompletion(root: CommandNode): string {
  const nodes = flatten(root);
  return `# bash completion for sluice: source <(sluice completion bash)
_sluice() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path='' value='' words='' i IFS=$' \\t\\n'
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ -n $value ]]; then value=''; continue; fi
    case "$path|\${COMP_WORDS[i]}" in
${nodes.flatMap(transitions).map(indent(6)).join('\n')}
    esac
  done
  if [[ -n $value ]]; then
    case "$value" in
      folder) IFS=$'\\n'; COMPREPLY=($(compgen -d -- "$cur")); return ;;
      file|other) return ;;
    esac
    words=\${value#words }
  else
    case "$path" in
${nodes.map(wordsOf).map(indent(6)).join('\n')}
    esac
    # Options only when one is begun, as long as there is something else to type.
    if [[ $cur != -* && $words != -* ]]; then words=\${words%% -*}; fi
    if [[ $cur != -* && $words == -* ]]; then return; fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  # The value of a setting comes next to it; bash 3.2 cannot be told.
  if [[ \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2> /dev/null; fi
}
complete -o default -F _sluice sluice
`;
}

function transitions(node: CommandNode): string[] {
  const steps = node.children.map((c) => `'${node.path}|${c.name}') path='${c.path}' ;;`);
  const values = node.options
    .filter((option) => option.value !== undefined)
    .map((option) => {
      const patterns = option.names.map((name) => `'${node.path}|${name}'`).join('|');
      return `${patterns}) value='${expected(option)}' ;;`;
    });
  return [...steps, ...values];
}

function expected({ choices, value }: OptionNode): string {
  return choices.length > 0 ? `words ${choices.join(' ')}` : (value ?? '');
}

function wordsOf(node: CommandNode): string {
  const words = [
    ...node.children.map((child) => child.name),
    ...node.args.flatMap((arg) => arg.choices),
    ...node.options.flatMap((option) => option.names),
  ];
  return `'${node.path}') words='${words.join(' ')}' ;;`;
}

function indent(columns: number): (line: string) => string {
  return (line) => ' '.repeat(columns) + line;
}
