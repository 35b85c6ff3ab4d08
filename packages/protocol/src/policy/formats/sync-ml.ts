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
  const tokens = xmlTokens(text);
  if (!tokens) throw sluiceError('PolicyFileInvalid', { file, detail: 'not well-formed XML' });
  const values: Record<string, unknown> = {};
  let command: string | undefined;
  let item: Record<string, string> = {};
  let open: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'text') {
      const field = open.at(-1);
      if (field === 'LocURI' || field === 'Data') item[field] = (item[field] ?? '') + token.text;
      continue;
    }
    const { kind, name } = token;
    if (kind === 'open') {
      open.push(name);
      if (['Add', 'Replace', 'Delete'].includes(name)) command = name;
      if (name === 'Item') item = {};
      continue;
    }
    if (name === 'Item' && command) {
      const setting = settingOfUri(item.LocURI ?? '');
      const value = command === 'Delete' ? undefined : payloadValue(item.Data ?? '');
      if (setting) values[setting] = value ?? null;
    }
    if (name === command) command = undefined;
    const at = open.lastIndexOf(name);
    if (at >= 0) open = open.slice(0, at);
  }
  return values;
}
