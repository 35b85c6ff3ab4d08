import { xmlTokens } from './xml-tokens.ts';

const uri = /\/Policy\/Config\/DeliveryOptimization\/(\w{1,100})$/i;

/** The setting that an OMA-URI of the policy CSP names (policies.md §1); undefined when it is another. */
export function settingOfUri(text: string): string | undefined {
  return uri.exec(text.trim())?.[1];
}

/**
 * The value in the payload of a policy: as it is, or that of an ADMX-backed one, whose parts are
 * `<enabled/>` and `<data id="…From" value="8"/>`; undefined for a disabled one: not set.
 */
export function payloadValue(payload: string): unknown {
  if (!/^\s*</.test(payload)) return payload.trim();
  const parts: Record<string, string> = {};
  for (const token of xmlTokens(payload) ?? []) {
    if (token.kind !== 'open') continue;
    const { name, attributes } = token;
    if (name === 'disabled') return undefined;
    const [, part] = /_?(From|To|In|Out)$/.exec(attributes.id ?? '') ?? [];
    if (name === 'data' && part) parts[part] = attributes.value ?? '';
  }
  return parts;
}
