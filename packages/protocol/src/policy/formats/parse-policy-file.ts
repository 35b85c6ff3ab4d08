import { parseGraphJson } from './graph-json.ts';
import { isRegistryPol, parseRegistryPol } from './registry-pol.ts';
import { isXml, parseSyncMl } from './sync-ml.ts';

/** What was read of a policy file. */
export interface PolicyFile {
  format: 'Registry.pol' | 'SyncML' | 'JSON';
  provider: 'GroupPolicy' | 'Mdm';
  /** Whether it is all that the provider says; else it changes what is there, null taking away. */
  isWhole: boolean;
  /** By setting name, unchecked. */
  values: Record<string, unknown>;
}

/** Reads a policy file of any known format. @param file for messages. @throws PolicyFileInvalid */
export function parsePolicyFile(bytes: Uint8Array, file: string): PolicyFile {
  if (isRegistryPol(bytes)) {
    const values = parseRegistryPol(bytes, file);
    return { format: 'Registry.pol', provider: 'GroupPolicy', isWhole: true, values };
  }
  const text = textOf(bytes);
  if (isXml(text)) {
    const values = parseSyncMl(text, file);
    return { format: 'SyncML', provider: 'Mdm', isWhole: false, values };
  }
  return { format: 'JSON', provider: 'Mdm', isWhole: true, values: parseGraphJson(text, file) };
}

/** Windows writes UTF-16 with a mark at its beginning as often as UTF-8. */
function textOf(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
