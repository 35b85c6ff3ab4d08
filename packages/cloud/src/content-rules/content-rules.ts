import { randomUUID } from 'node:crypto';
import {
  type AllowedSources,
  type Block,
  type BlockListReply,
  type ContentPolicies,
  type ContentRule,
  type RulesDocument,
  sluiceError,
} from '@sluice/protocol';
import { maxBlocks } from '@sluice/protocol/schemas';
import type { JsonDocument } from '../documents/json-document.ts';
import { defaultClasses } from './default-classes.ts';

/** How soon a block must be known to all devices. */
const refreshSeconds = 300;
/** Characters of a caller's name that are looked at: a regular expression takes long over a long text. */
const maxCaller = 200;

/** Which content, for whom. */
export interface Asked {
  contentId?: string | undefined;
  /** As `contentUrl` writes it. */
  url?: string | undefined;
  hashOfHashes?: string | undefined;
  caller?: string | undefined;
}

/** What holds for it. */
export interface Decision {
  /** Undefined: from everywhere. */
  allow: AllowedSources | undefined;
  /** Of rule or class. */
  rule: string | undefined;
  policies: Partial<ContentPolicies>;
  rank: number;
}

const everywhere: AllowedSources = { Http: true, P2P: true, Cache: true };

/** What an admin lets happen with contents, by content and by who asks; and what is blocked. */
export class ContentRules {
  readonly #document: JsonDocument<RulesDocument>;

  constructor(document: JsonDocument<RulesDocument>) {
    this.#document = document;
  }

  async view(): Promise<RulesDocument> {
    return this.#document.get();
  }

  /** @throws RequestInvalid */
  async setRules(rules: ContentRule[]): Promise<void> {
    await this.#document.change((before) => ({ ...before, Rules: rules }));
  }

  /** @throws RequestInvalid: it names nothing, or there are too many */
  async block(block: Block): Promise<string> {
    if (!block.ContentId && !block.UrlPrefix && !block.HashOfHashes) {
      const detail = 'a block names a ContentId, a UrlPrefix or a HashOfHashes';
      throw sluiceError('RequestInvalid', { detail });
    }
    const Id = randomUUID();
    await this.#document.change((before) => {
      if (before.Blocked.length >= maxBlocks) {
        throw sluiceError('RequestInvalid', { detail: `there are ${maxBlocks} blocks already` });
      }
      return { ...before, Blocked: [...before.Blocked, { Id, ...block }] };
    });
    return Id;
  }

  /** @throws NoSuchResource */
  async unblock(id: string): Promise<void> {
    await this.#document.change((before) => {
      const Blocked = before.Blocked.filter(({ Id }) => Id !== id);
      if (Blocked.length === before.Blocked.length) throw sluiceError('NoSuchResource');
      return { ...before, Blocked };
    });
  }

  /** As devices hear of it. */
  async blockList(): Promise<BlockListReply> {
    const { Blocked } = await this.#document.get();
    return { Blocked: Blocked.map(({ Id: _, ...block }) => block), RefreshSeconds: refreshSeconds };
  }

  /** Whether it may be had and shared no more; the stricter block counts. No promise where the rules are known: joins ask. */
  blockOf(asked: () => Asked): Block | undefined | Promise<Block | undefined> {
    const document = this.#document.get();
    return document instanceof Promise
      ? document.then(({ Blocked }) => blockIn(Blocked, asked))
      : blockIn(document.Blocked, asked);
  }

  /** @throws ContentBlocked, ContentHttpOnly */
  async refuseBlocked(asked: Asked): Promise<void> {
    const block = await this.blockOf(() => asked);
    if (!block) return;
    const code = block.Then === 'Fail' ? 'ContentBlocked' : 'ContentHttpOnly';
    throw sluiceError(code, { reason: block.Reason });
  }

  async decide(asked: Asked): Promise<Decision> {
    const { Rules } = await this.#document.get();
    const rule = Rules.find(({ Match }) => matches(Match, asked));
    const byClass = defaultClasses.find(({ Callers }) => isCaller(Callers, asked.caller));
    const allow = { ...everywhere, ...byClass?.Allow, ...rule?.Allow };
    const isEverywhere = allow.Http && allow.P2P && allow.Cache;
    return {
      allow: isEverywhere ? undefined : allow,
      rule: rule?.Name ?? byClass?.Name,
      policies: rule?.Policies ?? {},
      rank: rule?.Rank ?? 0,
    };
  }
}

function blockIn(blocked: readonly Block[], asked: () => Asked): Block | undefined {
  if (blocked.length === 0) return undefined;
  const what = asked();
  const found = blocked.filter((block) => isBlocked(block, what));
  return found.find(({ Then }) => Then === 'Fail') ?? found[0];
}

function isBlocked(block: Block, { contentId, url, hashOfHashes }: Asked): boolean {
  return (
    (block.ContentId !== undefined && block.ContentId === contentId) ||
    (block.HashOfHashes !== undefined && block.HashOfHashes === hashOfHashes) ||
    (block.UrlPrefix !== undefined && url?.startsWith(block.UrlPrefix) === true)
  );
}

function matches(match: ContentRule['Match'], asked: Asked): boolean {
  const { Callers, UrlPrefixes, ContentIds, HashesOfHashes } = match;
  const { url = '', contentId = '', hashOfHashes = '', caller } = asked;
  return (
    (!Callers || isCaller(Callers, caller)) &&
    (!UrlPrefixes || UrlPrefixes.some((prefix) => url.startsWith(prefix))) &&
    (!ContentIds || ContentIds.includes(contentId)) &&
    (!HashesOfHashes || HashesOfHashes.includes(hashOfHashes))
  );
}

function isCaller(patterns: readonly string[], caller: string | undefined): boolean {
  if (caller === undefined || caller.length > maxCaller) return false;
  return patterns.some((pattern) => new RegExp(`^(?:${pattern})$`, 'u').test(caller));
}
