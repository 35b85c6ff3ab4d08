import { invalid } from './wire.ts';

/** Bytes of a hello body at most. */
const maxLength = 4096;
const maxFeatures = 32;
/** A device takes at least 1/16 of the share of the fastest. */
export const maxHandicap = 4;
const featureForm = /^[a-z0-9][a-z0-9._-]{0,31}$/;

/** What a peer says of itself, first thing after the handshakes. */
export interface Hello {
  /** What it can beyond the plain protocol: `claim`, `phf`, `pex`; others are for later versions. */
  features: string[];
  /** Whether it may fetch from the HTTP source, and so can be responsible for pieces. */
  mayUseHttp: boolean;
  /** TCP port on which it takes connections; 0 when it takes none. */
  listenPort: number;
  /** How often its share of the pieces to fetch from outside is halved, 0–`maxHandicap`; none = 0. */
  handicap?: number;
  /** As what the receiver was named to the sender, when not as a device of its site. */
  knownAs?: Elsewhere;
}

/** Where a device is that is not of the same site, as the array has it. */
export type Elsewhere = 'Group' | 'Internet';

/** @throws InvalidMessage when `decodeHello` would refuse the result. */
export function encodeHello(hello: Hello): Uint8Array {
  return Buffer.from(JSON.stringify({ v: 1, ...checked(hello) }), 'utf8');
}

/**
 * Reads a hello body. Further keys and higher versions pass: what changes the meaning of these keys
 * has to take another extension id.
 * @throws InvalidMessage
 */
export function decodeHello(body: Uint8Array): Hello {
  if (body.length > maxLength) throw invalid(`hello of ${body.length} bytes`);
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid('hello is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw invalid('hello is no object');
  const { v } = value as { v?: unknown };
  if (!Number.isSafeInteger(v) || (v as number) < 1) throw invalid('hello has no version');
  return checked(value);
}

function checked(value: object): Hello {
  const { features, mayUseHttp, listenPort, handicap, knownAs } = value as {
    [K in keyof Hello]?: unknown;
  };
  if (!Array.isArray(features) || features.length > maxFeatures || !features.every(isFeature)) {
    throw invalid('hello has malformed features');
  }
  if (typeof mayUseHttp !== 'boolean') throw invalid('hello without mayUseHttp');
  if (typeof listenPort !== 'number' || !isPortOrZero(listenPort)) {
    throw invalid('hello with a malformed listenPort');
  }
  if (handicap !== undefined && !isHandicap(handicap)) {
    throw invalid('hello with a malformed handicap');
  }
  if (knownAs !== undefined && knownAs !== 'Group' && knownAs !== 'Internet') {
    throw invalid('hello with a malformed knownAs');
  }
  return {
    ...{ features, mayUseHttp, listenPort },
    ...(handicap === undefined ? {} : { handicap }),
    ...(knownAs === undefined ? {} : { knownAs }),
  };
}

function isFeature(feature: unknown): feature is string {
  return typeof feature === 'string' && featureForm.test(feature);
}

function isHandicap(handicap: unknown): handicap is number {
  return (
    Number.isInteger(handicap) && (handicap as number) >= 0 && (handicap as number) <= maxHandicap
  );
}

function isPortOrZero(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 0xffff;
}
