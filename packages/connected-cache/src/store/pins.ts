import { join } from 'node:path';
import { sluiceError } from '@sluice/protocol';
import type { StoreFiles } from './store-files.ts';

const maxPins = 1000;
const maxLength = 4096;

/**
 * What must not be evicted: URLs, or with `*` at the end all that begin so. They are kept in
 * `pins.json` on the first drive.
 */
export class Pins {
  readonly #files: StoreFiles;
  readonly #path: string;
  readonly #changed: () => void;
  #urls = new Set<string>();
  #prefixes: string[] = [];

  constructor(files: StoreFiles, folder: string, changed: () => void) {
    this.#files = files;
    this.#path = join(folder, 'pins.json');
    this.#changed = changed;
  }

  get all(): string[] {
    return [...this.#urls, ...this.#prefixes.map((prefix) => `${prefix}*`)].sort();
  }

  has(url: string): boolean {
    return this.#urls.has(url) || this.#prefixes.some((prefix) => url.startsWith(prefix));
  }

  /** @throws what reading throws; SyntaxError when the file is damaged */
  async load(): Promise<void> {
    let text: string;
    try {
      text = (await this.#files.readFile(this.#path)).toString();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    const pins: unknown = JSON.parse(text);
    if (Array.isArray(pins)) this.#set(pins.filter((pin) => typeof pin === 'string'));
  }

  /** @throws InvalidArgument, and what writing throws */
  async add(pin: string): Promise<void> {
    if (!/^https?:\/\/[!-~]+$/.test(pin) || pin.length > maxLength) {
      throw sluiceError('InvalidArgument', { name: 'pin', detail: 'a URL, or one that ends in *' });
    }
    const all = new Set([...this.all, pin]);
    if (all.size > maxPins) {
      throw sluiceError('InvalidArgument', { name: 'pin', detail: `no more than ${maxPins} pins` });
    }
    await this.#save([...all]);
  }

  /** @returns whether there was one. @throws what writing throws */
  async remove(pin: string): Promise<boolean> {
    const all = this.all;
    const left = all.filter((one) => one !== pin);
    if (left.length < all.length) await this.#save(left);
    return left.length < all.length;
  }

  async #save(pins: string[]): Promise<void> {
    await this.#files.writeFile(`${this.#path}.new`, `${JSON.stringify(pins, undefined, 1)}\n`);
    await this.#files.rename(`${this.#path}.new`, this.#path);
    this.#set(pins);
    this.#changed();
  }

  #set(pins: string[]): void {
    this.#urls = new Set(pins.filter((pin) => !pin.endsWith('*')));
    this.#prefixes = pins.filter((pin) => pin.endsWith('*')).map((pin) => pin.slice(0, -1));
  }
}
