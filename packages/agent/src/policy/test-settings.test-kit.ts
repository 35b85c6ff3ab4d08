import { type GivenSettings, type PolicySettings, readSettings } from '@sluice/protocol/policy';
import type { Live } from './live.ts';

/** Settings for tests, changed by the test. */
export class TestSettings implements Live<PolicySettings> {
  current: PolicySettings;
  readonly #watchers = new Set<() => void>();

  constructor(given: GivenSettings = {}) {
    this.current = readSettings(given);
  }

  watch(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  /** As long as nobody manages the device. */
  binds = () => this.#binds;
  #binds = false;

  /** All of them: what is not given has its default. */
  set(given: GivenSettings, binds = false): void {
    this.#binds = binds;
    this.current = readSettings(given);
    for (const fn of this.#watchers) fn();
  }
}
