import type { SourceClass } from '@sluice/protocol';

/**
 * Something that could have been used and was not: one rule, what it asks for, what was found. The
 * `Refusal` of a gate is one.
 */
export interface RuledOut {
  /** The name of a setting (`DODownloadMode`), of an error (`ContentUnknown`), or one of ours. */
  rule: string;
  /** What the rule asks for, in words with units; empty when that goes without saying. */
  limit: string;
  /** What is. */
  actual: string;
  /** Getting from peers, sending to them, the cache host, the HTTP source. */
  affects: 'download' | 'upload' | 'cache' | 'http';
  /** Peers that it is about; all of them when not given. */
  peerClass?: Exclude<SourceClass, 'http' | 'cache'>;
  /** What would change it, as a sentence. */
  remedy: string;
  /** Who set what the rule asks for: `the request`, `the agent`; undefined: nobody, it is how things are. */
  setBy?: string;
}
