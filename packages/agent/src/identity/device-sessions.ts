import { type Clock, isSluiceError, type SessionReply, sessionStatement } from '@sluice/protocol';
import type { Logger } from 'pino';
import { deadline } from '../clock/deadline.ts';
import { unlessAborted } from '../clock/unless-aborted.ts';
import type { Routes } from '../source/proxy/index.ts';
import { signatureBy } from './device-key.ts';
import { type Enrolment, readEnrolment, readSession, writeSession } from './enrolment-file.ts';
import { askIdentity } from './identity-client.ts';
import type { PeerKey, PeerMembership } from './peer-membership.ts';
import { adoptKey, rotateDeviceKey, signedFacts } from './rotate-key.ts';

/** A session is not used to its last moment: a request takes its time. */
const marginMs = 60_000;
const openTimeoutMs = 10_000;
/** A key is renewed by the agent when it is so old, ms. */
const keyMs = 90 * 86_400_000;
/** Because of what peers have, a session is opened so often at most, ms. */
const suspectEveryMs = 60_000;

interface Session {
  authorization: string;
  /** ms of the clock */
  until: number;
}

export interface DeviceSessionsOptions {
  /** Where the enrolment is. */
  dir: string;
  enrolment: Enrolment;
  /** Whether this program renews the device's key: the one that is always there. */
  renewsKey: boolean;
  clock: Clock;
  /** ms since 1970 */
  now: () => number;
  routes?: Routes | undefined;
  logger: Logger;
}

/** The sessions of an enrolled device at its cloud, and the keys of its tenant that come with them. */
export class DeviceSessions implements PeerMembership {
  readonly #options: DeviceSessionsOptions;
  readonly #watchers = new Set<() => void>();
  readonly #closing = new AbortController();
  #session: Session | undefined;
  #opening: Promise<Session> | undefined;
  #keys: PeerKey[] = [];
  #suspectedAt = Number.NEGATIVE_INFINITY;
  #heardId: string | undefined;
  #renewing: Promise<unknown> | undefined;

  private constructor(options: DeviceSessionsOptions) {
    this.#options = options;
  }

  /** With the session that another program of the device has left, if it holds. @throws Disk errors. */
  static async open(options: DeviceSessionsOptions): Promise<DeviceSessions> {
    const made = new DeviceSessions(options);
    const kept = await readSession(options.dir, options.enrolment.DeviceId);
    if (kept) {
      made.#keys = peerKeys(kept.PeerKeys);
      made.#hold(kept.Token, kept.ExpiresAt - options.now());
    }
    return made;
  }

  /** Of the cloud, without a slash at the end. */
  get cloudUrl(): string {
    return this.#options.enrolment.CloudUrl;
  }

  /** PEM of the only authority that the cloud may show; null: those of the system. */
  get ca(): string | null {
    return this.#options.enrolment.CaCertificate;
  }

  get keys(): readonly PeerKey[] {
    return this.#keys;
  }

  watch(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  /** For the `Authorization` header. @throws what opening a session throws; ServiceRefused */
  async authorization(signal: AbortSignal): Promise<string> {
    const { clock } = this.#options;
    if (this.#session && clock.now() < this.#session.until) return this.#session.authorization;
    return (await unlessAborted(this.#openOnce(), signal)).authorization;
  }

  /** The cloud took it no more: the next is another. */
  refused(authorization: string): void {
    if (this.#session?.authorization === authorization) this.#session = undefined;
  }

  /** The key by which peers prove their tenant now, as the cloud says. */
  heardKeyId(id: string | undefined): void {
    if (id === undefined || id === this.#keys[0]?.id) return;
    // What peers have said meanwhile, who may be anybody, must not delay that a revoked device is shut out.
    if (id !== this.#heardId) this.#suspectedAt = Number.NEGATIVE_INFINITY;
    this.#heardId = id;
    this.suspectOld();
  }

  suspectOld(): void {
    const { clock } = this.#options;
    if (clock.now() - this.#suspectedAt < suspectEveryMs) return;
    this.#suspectedAt = clock.now();
    this.#openOnce().catch((err: unknown) => {
      this.#options.logger.warn({ err }, 'the keys of the tenant could not be renewed');
    });
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#opening?.catch(() => undefined);
    await this.#renewing;
  }

  /** One question for all who wait: who gives up waiting must not end it for the others. */
  #openOnce(): Promise<Session> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<Session> {
    const { dir, clock, now, logger } = this.#options;
    using limit = deadline(clock, openTimeoutMs, this.#closing.signal);
    // Read anew: another program may have changed the key.
    const enrolment = (await readEnrolment(dir)) ?? this.#options.enrolment;
    const reply = await this.#ask(enrolment, limit.signal);
    const { Token, ExpiresInSeconds, PeerKeys } = reply;
    const lifeMs = ExpiresInSeconds * 1000;
    const session = this.#hold(Token, lifeMs);
    const { DeviceId } = enrolment;
    const kept = { DeviceId, Token, ExpiresAt: now() + lifeMs, PeerKeys };
    await writeSession(dir, kept).catch((err: unknown) => {
      logger.warn({ err }, 'the session could not be kept for the next start');
    });
    this.#setKeys(peerKeys(PeerKeys));
    this.#renewIfOld(enrolment);
    return session;
  }

  async #ask(enrolment: Enrolment, signal: AbortSignal): Promise<SessionReply> {
    const { dir, now } = this.#options;
    const { PrivateKey, NextPrivateKey } = enrolment;
    try {
      return await this.#askBy(PrivateKey, enrolment, signal);
    } catch (error) {
      const isRefused = isSluiceError(error, 'ServiceRefused') && error.params.status === 401;
      if (NextPrivateKey === undefined || !isRefused) throw error;
      const reply = await this.#askBy(NextPrivateKey, enrolment, signal);
      await adoptKey(dir, enrolment, NextPrivateKey, now());
      return reply;
    }
  }

  async #askBy(key: string, enrolment: Enrolment, signal: AbortSignal): Promise<SessionReply> {
    const { now, routes } = this.#options;
    const facts = signedFacts(enrolment, now());
    const body = {
      DeviceId: facts.deviceId,
      Timestamp: facts.timestamp,
      Nonce: facts.nonce,
      Signature: signatureBy(key, sessionStatement(facts)),
    };
    const access = { url: enrolment.CloudUrl, ca: enrolment.CaCertificate, routes };
    const json = await askIdentity(access, '/identity/session', body, signal);
    const { parseSessionReply } = await import('@sluice/protocol/schemas');
    return parseSessionReply(json);
  }

  #hold(token: string, lifeMs: number): Session {
    const until = this.#options.clock.now() + lifeMs - marginMs;
    this.#session = { authorization: `Bearer ${token}`, until };
    return this.#session;
  }

  #setKeys(keys: PeerKey[]): void {
    const isSame = keys.map((k) => k.id).join() === this.#keys.map((k) => k.id).join();
    this.#keys = keys;
    if (!isSame) for (const fn of this.#watchers) fn();
  }

  #renewIfOld({ KeyMadeAt }: Enrolment): void {
    const { renewsKey, dir, now, routes, logger } = this.#options;
    if (!renewsKey || this.#renewing || now() - KeyMadeAt < keyMs) return;
    const { signal } = this.#closing;
    this.#renewing = rotateDeviceKey({ dataDir: dir, signal, routes, now })
      .then(() => logger.info('the device has another key'))
      .catch((err: unknown) => logger.warn({ err }, 'the key of the device was not renewed'))
      .finally(() => {
        this.#renewing = undefined;
      });
  }
}

function peerKeys(keys: SessionReply['PeerKeys']): PeerKey[] {
  return keys.map(({ Id, Key }) => ({ id: Id, key: Buffer.from(Key, 'base64url') }));
}
