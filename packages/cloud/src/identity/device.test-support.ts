import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  decodeEnrolmentToken,
  enrolStatement,
  rotateStatement,
  sessionStatement,
} from '@sluice/protocol';
import type { TestCloud } from '../cloud.test-support.ts';

type Asks = Pick<TestCloud, 'ask' | 'clock'>;

/** A device that says what it is told to: right things, or wrong ones. */
export class TestDevice {
  deviceId = '';
  readonly #cloud: Asks;
  readonly #startedAt: number;
  #key = makeKey();

  /** @param now by the wall clock of the cloud, ms. */
  private constructor(cloud: Asks, now = Date.now()) {
    this.#cloud = cloud;
    this.#startedAt = now - cloud.clock.now();
  }

  /** Enrolled with a token of its own. @param terms of `POST /admin/enrolments` */
  static async enrolled(cloud: TestCloud, terms: object = {}): Promise<TestDevice> {
    const { json } = await cloud.admin('/admin/enrolments', { body: terms });
    const device = new TestDevice(cloud, Date.parse(json.CreatedAt));
    const answer = await device.enrol(json.Token);
    if (answer.status !== 200) throw new Error(answer.text);
    return device;
  }

  static stranger(cloud: Asks): TestDevice {
    return new TestDevice(cloud);
  }

  /** The same device, asking another cloud. */
  at(cloud: Asks): TestDevice {
    const there = new TestDevice(cloud);
    there.deviceId = this.deviceId;
    there.#key = this.#key;
    return there;
  }

  /** @param signer another key than the one that is enrolled. */
  async enrol(token: string, signer = this.#key.privateKey) {
    const { secret: Secret } = decodeEnrolmentToken(token);
    const PublicKey = rawOf(this.#key.publicKey);
    const cloud = await this.#cloudName();
    const statement = enrolStatement({ cloud, secret: Secret, publicKey: PublicKey });
    const body = { Secret, PublicKey, Signature: signed(statement, signer) };
    const answer = await this.#cloud.ask('/identity/enrol', { body });
    if (answer.status === 200) this.deviceId = answer.json.DeviceId;
    return answer;
  }

  /** @param wrong what is put in place of the right fields, after the signature or (`cloud`, `timestamp`) before. */
  async request(
    wrong: { cloud?: string; skewMs?: number; Nonce?: string; DeviceId?: string } = {},
  ) {
    const { cloud = await this.#cloudName(), skewMs = 0, ...fields } = wrong;
    const timestamp = Math.round(this.#startedAt + this.#cloud.clock.now() + skewMs);
    const nonce = randomBytes(16).toString('base64url');
    const { deviceId } = this;
    const statement = sessionStatement({ cloud, deviceId, timestamp, nonce });
    return {
      DeviceId: deviceId,
      Timestamp: timestamp,
      Nonce: nonce,
      Signature: signed(statement, this.#key.privateKey),
      ...fields,
    };
  }

  async open(wrong: Parameters<TestDevice['request']>[0] = {}) {
    return this.#cloud.ask('/identity/session', { body: await this.request(wrong) });
  }

  /** Headers of a session. */
  async headers(): Promise<{ authorization: string }> {
    const { status, json, text } = await this.open();
    if (status !== 200) throw new Error(text);
    return { authorization: `Bearer ${json.Token}` };
  }

  async rotate() {
    const next = makeKey();
    const { Timestamp, Nonce } = await this.request();
    const newPublicKey = rawOf(next.publicKey);
    const cloud = await this.#cloudName();
    const statement = rotateStatement({
      ...{ cloud, deviceId: this.deviceId, timestamp: Timestamp, nonce: Nonce, newPublicKey },
    });
    const body = {
      DeviceId: this.deviceId,
      ...{ Timestamp, Nonce, NewPublicKey: newPublicKey },
      Signature: signed(statement, this.#key.privateKey),
      NewSignature: signed(statement, next.privateKey),
    };
    const answer = await this.#cloud.ask('/identity/rotate', { body });
    if (answer.status === 200) this.#key = next;
    return { answer, body };
  }

  async #cloudName(): Promise<string> {
    return (await this.#cloud.ask('/identity')).json.Cloud;
  }
}

function makeKey() {
  return generateKeyPairSync('ed25519');
}

function rawOf(key: KeyObject): string {
  return key.export({ format: 'jwk' }).x as string;
}

function signed(statement: Buffer, key: KeyObject): string {
  return sign(null, statement, key).toString('base64url');
}
