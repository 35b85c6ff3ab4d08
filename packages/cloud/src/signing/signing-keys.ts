import { type KeySet, type KeySetsReply, keySetFault, sluiceError } from '@sluice/protocol';
import { parseKeySetsReply } from '@sluice/protocol/schemas';
import type { JsonDocument } from '../documents/json-document.ts';

/** @param json undefined when there are none. @throws ServiceInvalidReply */
export function readKeySets(json: unknown): KeySetsReply {
  return json === undefined ? { KeySets: [] } : parseKeySetsReply(json);
}

/** The sets of keys that hash lists are signed by, in order. Devices check them by the one that they were given. */
export class SigningKeys {
  readonly #document: JsonDocument<KeySetsReply>;

  constructor(document: JsonDocument<KeySetsReply>) {
    this.#document = document;
  }

  async all(): Promise<KeySetsReply> {
    return this.#document.get();
  }

  /** @throws RequestInvalid: it does not follow from the last one */
  async add(set: KeySet): Promise<void> {
    await this.#document.change(({ KeySets }) => {
      const last = KeySets.at(-1);
      const fault = last && keySetFault(last, set);
      if (fault !== undefined) throw sluiceError('RequestInvalid', { detail: fault });
      return { KeySets: [...KeySets, set] };
    });
  }
}
