import { type CommandNode, flatten, type OptionNode, type ValueKind } from './command-tree.ts';

const actions: Record<ValueKind, string> = { file: '_files', folder: '_files -/', other: ' ' };

/** For zsh with compinit. */
export function zshCompletion(root: CommandNode): string {
  return `#compdef sluice
# zsh completion for sluice: sluice completion zsh > ~/.zfunc/_sluice
${flatten(root).map(functionOf).join('\n')}
if [[ $funcstack[1] == _sluice ]]; then
  _sluice "$@"
else
  compdef _sluice sluice
fi
`;
}

function functionOf(node: CommandNode): string {
  const specs = [...node.options.map(optionSpec), ...positionals(node)];
  const body = `  _arguments -C \\\n${specs.map((spec) => `    ${spec}`).join(' \\\n')}`;
  return `${nameOf(node)}() {
  local context state state_descr line
  typeset -A opt_args
${body}
${node.children.length > 0 ? dispatch(node) : ''}}`;
}

function positionals(node: CommandNode): string[] {
  if (node.children.length > 0) return [quote('1: :->command'), quote('*:: :->rest')];
  return node.args.map(({ name, kind, choices }, i) =>
    quote(`${i + 1}:${name}:${choices.length > 0 ? `(${choices.join(' ')})` : actions[kind]}`),
  );
}

function dispatch(node: CommandNode): string {
  const described = node.children.map(
    (c) => `      ${quote(`${c.name}:${escapeColon(c.description)}`)}`,
  );
  const calls = node.children.map((c) => `        ${c.name}) ${nameOf(c)} ;;`);
  return `  case $state in
    command)
      local -a commands=(
${described.join('\n')}
      )
      _describe command commands
      ;;
    rest)
      case $words[1] in
${calls.join('\n')}
      esac
      ;;
  esac
`;
}

function optionSpec({ names, description, value, choices }: OptionNode): string {
  const list = choices.length > 0 ? `(${choices.join(' ')})` : value && actions[value];
  const rest = `[${description.replace(/[[\]\\]/g, '\\$&')}]${list === undefined ? '' : `:value:${list}`}`;
  if (names.length === 1) return quote(names[0] + rest);
  return `${quote(`(${names.join(' ')})`)}{${names.join(',')}}${quote(rest)}`;
}

function nameOf(node: CommandNode): string {
  return `_sluice${node.path.replace(/^(?=.)|[ ]/g, '_').replaceAll('-', '_')}`;
}

function escapeColon(text: string): string {
  return text.replaceAll(':', '\\:');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
