import { createHash, randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Clock, sluiceError } from '@sluice/protocol';
import type { Caller } from '../jobs/job-desk.ts';

/** How long a caller may take to make its folder. */
const challengeMs = 30_000;
const maxChallenges = 1_000;
const maxTokens = 10_000;

/**
 * Finds out which user of this device asks: Node does not tell whose a connection is. The caller is
 * named a folder to make in a place where everybody may; whose the folder is, the caller is. A folder
 * cannot be linked from elsewhere, and one that is for its owner only (mode 0700) no other user could
 * have moved there.
 */
export class Logins {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #challenges = new Map<string, () => void>();
  /** By the SHA-256 of the token: comparing tells nothing of it. */
  readonly #callers = new Map<string, Caller>();

  private constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** @param folder will be made anew: everybody may make folders in it, and nobody list or remove them. */
  static async open(folder: string, clock: Clock): Promise<Logins> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await chmod(folder, 0o1733);
    return new Logins(folder, clock);
  }

  /** @returns the folder that the caller is to make, with mode 0700. @throws NotYours when too many ask. */
  challenge(): string {
    if (this.#challenges.size >= maxChallenges) throw sluiceError('NotYours');
    const name = randomBytes(16).toString('hex');
    const forget = () => void this.#forget(name);
    this.#challenges.set(name, this.#clock.setTimer(challengeMs, forget));
    return join(this.#folder, name);
  }

  /** @returns the caller's token. @throws NotYours unless the folder is as it should be. */
  async answer(path: string): Promise<string> {
    const name = basename(path);
    if (!this.#challenges.has(name)) throw sluiceError('NotYours');
    try {
      const stats = await lstat(join(this.#folder, name));
      if (!stats.isDirectory() || (stats.mode & 0o7777) !== 0o700) throw sluiceError('NotYours');
      return this.#tokenOf(stats.uid);
    } catch (error) {
      throw sluiceError('NotYours', {}, { cause: error });
    } finally {
      await this.#forget(name);
    }
  }

  callerOf(token: string): Caller | undefined {
    return this.#callers.get(digest(token));
  }

  async close(): Promise<void> {
    for (const cancel of this.#challenges.values()) cancel();
    this.#challenges.clear();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #tokenOf(uid: number): string {
    const token = randomBytes(32).toString('hex');
    const [oldest] = this.#callers.keys();
    // Who is forgotten logs in again.
    if (this.#callers.size >= maxTokens && oldest !== undefined) this.#callers.delete(oldest);
    const isAdmin = uid === 0 || uid === process.getuid?.();
    this.#callers.set(digest(token), { name: `uid ${uid}`, isAdmin });
    return token;
  }

  async #forget(name: string): Promise<void> {
    this.#challenges.get(name)?.();
    this.#challenges.delete(name);
    await rmdir(join(this.#folder, name)).catch(() => {
      // Not made, or not empty: no folder of ours, and gone with the next start at the latest.
    });
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
