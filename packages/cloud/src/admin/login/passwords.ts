import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { sluiceError } from '@sluice/protocol';

/** What a password costs to check, as scrypt counts it; kept with each hash, so that it can be raised. */
export interface PasswordCost {
  /** 2^logN blocks of 128·r bytes are held while it is computed, p times one after the other. */
  logN: number;
  r: number;
  p: number;
}

/** 32 MiB and 0.3 s of CPU time: one of those that OWASP's password storage cheat sheet names. */
const defaultCost: PasswordCost = { logN: 15, r: 8, p: 3 };

/** Characters of a password. The upper bound is for the sake of who has to hash it. */
export const minPasswordLength = 12;
export const maxPasswordLength = 256;

const saltBytes = 16;
const hashBytes = 32;
/** How many may wait for the one that is computed: each costs memory and a thread that files need, too. */
const maxWaiting = 32;

/** Hashes and checks passwords, one at a time. */
export class Passwords {
  readonly #cost: PasswordCost;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Checked when there is no such user, so that this takes as long. */
  readonly #nobody: string;

  constructor(cost: PasswordCost = defaultCost) {
    this.#cost = cost;
    this.#nobody = encoded(cost, randomBytes(saltBytes), randomBytes(hashBytes));
  }

  /** @returns the text to keep. @throws TooManyLogins */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(saltBytes);
    return encoded(this.#cost, salt, await this.#derive(password, salt, this.#cost));
  }

  /** Takes the same time whether there is a hash or none. @throws TooManyLogins */
  async matches(password: string, kept: string | null | undefined): Promise<boolean> {
    const { cost, salt, hash } = decoded(kept ?? this.#nobody);
    const given = await this.#derive(password, salt, cost);
    return timingSafeEqual(given, hash) && typeof kept === 'string';
  }

  async #derive(password: string, salt: Buffer, { logN, r, p }: PasswordCost): Promise<Buffer> {
    if (this.#waiting >= maxWaiting) throw sluiceError('TooManyLogins', { retryAfterMs: 10_000 });
    this.#waiting++;
    // What looks the same may be typed as different characters on another keyboard.
    const text = password.normalize('NFC');
    const N = 2 ** logN;
    const options = { N, r, p, maxmem: 129 * N * r + 1_048_576 };
    const turn = this.#last.then(
      () =>
        new Promise<Buffer>((resolve, reject) => {
          scrypt(text, salt, hashBytes, options, (error, key) =>
            error ? reject(error) : resolve(key),
          );
        }),
    );
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }
}

function encoded({ logN, r, p }: PasswordCost, salt: Buffer, hash: Buffer): string {
  return ['scrypt', logN, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

function decoded(kept: string): { cost: PasswordCost; salt: Buffer; hash: Buffer } {
  const [, logN, r, p, salt, hash] =
    /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/.exec(kept) ?? [];
  if (salt === undefined || hash === undefined) {
    throw sluiceError('Internal', { detail: 'a password hash that is none' });
  }
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  return { cost, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
}
