import { sluiceError } from '../../errors/index.ts';
import { payloadValue, settingOfUri } from './oma-uri.ts';
import { xmlTokens } from './xml-tokens.ts';

/** Whether the text is XML, as SyncML is. */
export function isXml(text: string): boolean {
  return /^\s*</.test(text);
}

/**
 * What SyncML commands do to the settings, in order: Add and Replace set a value, Delete takes it away
 * (null). Other commands and other settings are passed over.
 * @throws PolicyFileInvalid
 */
export function parseSyncMl(text: string, file: string): Record<string, unknown> {
  const invalid = (detail: string) => sluiceError('PolicyFileInvalid', { file, detail });
  const tokens = xmlTokens(text);
  if (!tokens) throw invalid('not well-formed XML');
  const values: Record<string, unknown> = {};
  let command: string | undefined;
  let item: Record<string, string> = {};
  const open: string[] = [];
  let hasCommands = false;
  for (const token of tokens) {
    if (token.kind === 'text') {
      const field = open.at(-1);
      if (field === 'LocURI' || field === 'Data') item[field] = (item[field] ?? '') + token.text;
      continue;
    }
    const { kind, name } = token;
    if (kind === 'open') {
      open.push(name);
      if (['Add', 'Replace', 'Delete'].includes(name)) {
        command = name;
        hasCommands = true;
      }
      if (name === 'Item') item = {};
      continue;
    }
    if (name === 'Item' && command) {
      const setting = settingOfUri(item.LocURI ?? '');
      const value = command === 'Delete' ? undefined : payloadValue(item.Data ?? '');
      if (setting) values[setting] = value ?? null;
    }
    if (name === command) command = undefined;
    if (open.pop() !== name) throw invalid(`not well-formed XML: </${name}> closes nothing`);
  }
  // Half a file, carried out, is not what anybody decided.
  if (open.length > 0) throw invalid(`not well-formed XML: <${open.at(-1)}> is not closed`);
  if (!hasCommands) throw invalid('XML without Add, Replace or Delete is no SyncML');
  return values;
}
