import type { AllowedSources, ContentPolicies } from './content-policy.ts';
import type { Block } from './content-rules.ts';

/** Contents that belong together, and what Delivery Optimization allows them. */
export interface ContentClassView {
  Name: string;
  /** Regular expressions of whole caller names (wire.md §3.3 has those that are registered). */
  Callers: string[];
  Allow: AllowedSources;
}

/** What holds for a download: `GET /admin/content-policy/effective`. */
export interface EffectiveContentRule {
  /** Of what is published at the URL; null: nothing is. */
  ContentId: string | null;
  /** The block that it meets; null: none. */
  Block: Block | null;
  /** Of the rule, or the class of the caller, that holds; null: none does. */
  Rule: string | null;
  /** Null: everywhere. */
  Allow: AllowedSources | null;
  Policies: Partial<ContentPolicies>;
}
