import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Clock, sluiceError } from '@sluice/protocol';
import type { Caller } from '../jobs/job-desk.ts';

/** How long a caller may take to make its folder. */
const challengeMs = 30_000;
const maxTokens = 10_000;
/** Each process of a user has one. */
const maxTokensOfUser = 500;

/**
 * Finds out which user of this device asks: Node does not tell whose a connection is. The caller is
 * named a folder to make in a place where everybody may; whose the folder is, the caller is. A folder
 * cannot be linked from elsewhere, and one that is for its owner only (mode 0700) no other user could
 * have moved there.
 */
export class Logins {
  readonly #folder: string;
  readonly #dev: number;
  readonly #clock: Clock;
  /** What challenges are signed with: none is kept, so that nobody can use them up. */
  readonly #key = randomBytes(32);
  /** By the SHA-256 of the token: comparing tells nothing of it. */
  readonly #callers = new Map<string, Caller>();

  private constructor(folder: string, dev: number, clock: Clock) {
    this.#folder = folder;
    this.#dev = dev;
    this.#clock = clock;
  }

  /** @param folder will be made anew: everybody may make folders in it, and nobody list or remove them. */
  static async open(folder: string, clock: Clock): Promise<Logins> {
    await tidy(folder);
    await mkdir(folder, { recursive: true });
    const { uid, dev } = await lstat(folder);
    if (process.getuid && uid !== process.getuid())
      throw sluiceError('DiskUnwritable', { path: folder, detail: 'it is another user’s' });
    await chmod(folder, 0o1733);
    return new Logins(folder, dev, clock);
  }

  /** @returns the folder that the caller is to make within half a minute, with mode 0700. */
  challenge(): string {
    const until = Math.round(this.#clock.now() + challengeMs);
    const text = `${until.toString(16).padStart(12, '0')}${randomBytes(8).toString('hex')}`;
    return join(this.#folder, `${text}${this.#sign(text)}`);
  }

  /** @returns the caller's token. @throws NotYours unless the folder is as it should be. */
  async answer(path: string): Promise<string> {
    const name = basename(path);
    if (!this.#isOurs(name)) throw sluiceError('NotYours');
    const folder = join(this.#folder, name);
    try {
      const owner = ownerOf(await lstat(folder), this.#dev);
      if (owner === undefined) throw sluiceError('NotYours');
      return this.#tokenOf(owner);
    } catch (error) {
      throw sluiceError('NotYours', {}, { cause: error });
    } finally {
      await rmdir(folder).catch(() => {
        // Not made, or not empty: no folder of ours, and gone with the next start at the latest.
      });
    }
  }

  callerOf(token: string): Caller | undefined {
    return this.#callers.get(digest(token));
  }

  async close(): Promise<void> {
    await tidy(this.#folder);
  }

  /** Named by us, and not too long ago. */
  #isOurs(name: string): boolean {
    const text = name.slice(0, 28);
    if (name !== `${text}${this.#sign(text)}`) return false;
    return this.#clock.now() < Number.parseInt(text.slice(0, 12), 16);
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex').slice(0, 32);
  }

  #tokenOf(uid: number): string {
    const token = randomBytes(32).toString('hex');
    const name = `uid ${uid}`;
    // Who is forgotten logs in again. Whoever logs in often forgets itself first, not others.
    const own = this.#tokensOf(name);
    const isFull = this.#callers.size >= maxTokens;
    const [oldest] = own.length >= maxTokensOfUser ? own : isFull ? this.#most() : [];
    if (oldest !== undefined) this.#callers.delete(oldest);
    const isAdmin = uid === 0 || uid === process.getuid?.();
    this.#callers.set(digest(token), { name, isAdmin });
    return token;
  }

  #tokensOf(user: string): string[] {
    return [...this.#callers].filter(([, { name }]) => name === user).map(([key]) => key);
  }

  /** Those of whoever has the most. */
  #most(): string[] {
    const users = new Set([...this.#callers.values()].map(({ name }) => name));
    const each = [...users].map((user) => this.#tokensOf(user));
    return each.reduce((most, tokens) => (tokens.length > most.length ? tokens : most), []);
  }
}

/**
 * Whose the folder is that proves who asks; undefined when it proves nothing.
 * @param dev of the folder around it: in a file system of their own, mounted there, users could name any owner.
 */
export function ownerOf(
  stats: Pick<Stats, 'isDirectory' | 'mode' | 'uid' | 'dev'>,
  dev: number,
): number | undefined {
  const proves = stats.isDirectory() && (stats.mode & 0o7777) === 0o700 && stats.dev === dev;
  return proves ? stats.uid : undefined;
}

async function tidy(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => {
    // Folders of others in which they put something stay: no new name is one of theirs.
  });
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
