/**
 * The modules that a source text imports, in any form: `import … from`, `export … from`, `import '…'`,
 * `import('…')`, `new URL('./…', import.meta.url)` (worker threads). Text in comments does not count.
 */
export function importsOf(source: string): string[] {
  const code = source.replace(/^\s*(?:\/\*\*?|\*|\/\/).*$/gm, '');
  const forms = [
    /^(?:import|export)\b[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*,?\s*\)/g,
    /\bnew URL\(\s*['"](\.[^'"]+\.[cm]?[jt]s)['"],\s*import\.meta\.url\s*,?\s*\)/g,
  ];
  return forms.flatMap((form) => Array.from(code.matchAll(form), (match) => match[1]!));
}
