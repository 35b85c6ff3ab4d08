import type { AgentOptions } from '../agent-options.ts';
import type { Parts } from '../agent-parts.ts';
import type { BlockWatch } from '../blocks/block-watch.ts';
import type { AgentCache } from '../cache/agent-cache.ts';
import type { SharedContentsOptions } from '../cache/cached-contents.ts';
import type { AdminHost, AgentAdmin } from './agent-admin.ts';

/** What looks after an agent, loaded when it is first needed: a single download does not need it. */
export class Attendants {
  readonly #options: AgentOptions;
  readonly #parts: Parts;
  readonly #host: AdminHost & SharedContentsOptions;
  #cache: Promise<AgentCache> | undefined;
  #admin: Promise<AgentAdmin> | undefined;
  #blocks: BlockWatch | undefined;

  constructor(options: AgentOptions, parts: Parts, host: AdminHost & SharedContentsOptions) {
    this.#options = options;
    this.#parts = parts;
    this.#host = host;
  }

  cache(): Promise<AgentCache> {
    this.#cache ??= import('../cache/open-agent-cache.ts').then(({ openAgentCache }) =>
      openAgentCache(this.#options, this.#parts, this.#host),
    );
    return this.#cache;
  }

  admin(): Promise<AgentAdmin> {
    this.#admin ??= import('./agent-admin.ts').then(
      (m) => new m.AgentAdmin(this.#options, this.#parts, this.#host),
    );
    return this.#admin;
  }

  /** Has go what the cloud blocks, from now on. */
  async watchBlocks(): Promise<void> {
    const [{ BlockWatch }, { contents }] = await Promise.all([
      import('../blocks/block-watch.ts'),
      this.cache(),
    ]);
    const { random = Math.random } = this.#options;
    this.#blocks = new BlockWatch({ ...this.#parts, ...this.#host, contents, random });
    this.#blocks.start();
  }

  /** Something has come to the store. */
  async sweepSoon(): Promise<void> {
    (await this.#cache)?.sweepSoon();
  }

  async close(): Promise<void> {
    await this.#blocks?.close();
    await (await this.#cache)?.close();
  }
}
