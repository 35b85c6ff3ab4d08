import { type CommandNode, flatten } from './command-tree.ts';

/** For PowerShell 5.1 and newer. */
export function powershellCompletion(root: CommandNode): string {
  const nodes = flatten(root);
  return `# PowerShell completion for sluice: sluice completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName sluice -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $tree = @{
${nodes.map(entryOf).join('\n')}
    }
    $path = ''
    $last = ''
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
        if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete) { break }
        $last = $element.Extent.Text
        $next = "$path $last".Trim()
        if ($tree.ContainsKey($next)) { $path = $next }
    }
    $choices = $tree[$path].choices[$last]
    if ($null -ne $choices) {
        $found = @($choices | ForEach-Object { ,@($_, $_) })
    } else {
        $found = $tree[$path].words
    }
    $found | Where-Object { $_ -and $_[0] -like "$wordToComplete*" } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
    }
}
`;
}

function entryOf(node: CommandNode): string {
  const words = [
    ...node.children.map((c) => [c.name, c.description]),
    ...node.args.flatMap((arg) => arg.choices.map((choice) => [choice, arg.name])),
    ...node.options.flatMap((o) => o.names.map((name) => [name, o.description])),
  ].map((pair) => `,@(${pair.map((text) => quote(text!)).join(', ')})`);
  // An option without choices has an empty list: its value is for the user, or a file, to say.
  const choices = node.options
    .filter((o) => o.value !== undefined)
    .flatMap((o) =>
      o.names.map((name) => `${quote(name)} = @(${o.choices.map(quote).join(', ')})`),
    );
  return `        ${quote(node.path)} = @{
            words = @(
${words.map((word) => `                ${word}`).join('\n')}
            )
            choices = @{
${choices.map((choice) => `                ${choice}`).join('\n')}
            }
        }`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
