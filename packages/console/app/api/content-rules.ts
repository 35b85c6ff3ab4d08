import type {
  Block,
  ContentClassView,
  ContentRule,
  EffectiveContentRule,
  RulesDocument,
} from '@sluice/protocol';
import { askJson, withQuery } from './client.ts';

export type KeptBlock = RulesDocument['Blocked'][number];

export interface ContentRules {
  Rules: ContentRule[];
  DefaultClasses: ContentClassView[];
}

export function contentRules(): Promise<ContentRules> {
  return askJson('/admin/content-policy');
}

/** All of them: the first that matches holds. */
export function setRules(rules: ContentRule[]): Promise<unknown> {
  return askJson('/admin/content-policy', { method: 'PUT', body: { Rules: rules } });
}

export function effectiveRule(asked: {
  caller: string;
  url: string;
}): Promise<EffectiveContentRule> {
  return askJson(withQuery('/admin/content-policy/effective', asked));
}

export async function blocks(): Promise<KeptBlock[]> {
  return (await askJson<{ Blocks: KeptBlock[] }>('/admin/blocks')).Blocks;
}

export function block(what: Block): Promise<{ Id: string }> {
  return askJson('/admin/blocks', { method: 'POST', body: what });
}

export function unblock(id: string): Promise<void> {
  return askJson(`/admin/blocks/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
