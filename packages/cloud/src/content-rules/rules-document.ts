import { type RulesDocument, sluiceError } from '@sluice/protocol';
import { parseRulesDocument } from '@sluice/protocol/schemas';

/** @param json undefined when nobody wrote any. @throws RequestInvalid: it is no such document */
export function readRules(json: unknown): RulesDocument {
  if (json === undefined) return { Rules: [], Blocked: [] };
  try {
    return parseRulesDocument(json);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw sluiceError('RequestInvalid', { detail }, { cause });
  }
}
