/*
 * What devices sign. Each statement begins with what it is for, so that no signature passes for another,
 * and names the cloud that it is meant for, so that no other cloud can use it. No part can hold a line end:
 * the schemas see to that.
 */

/** That the device has the key that it enrols. @param cloud of `GET /identity` */
export function enrolStatement(of: { cloud: string; secret: string; publicKey: string }): Buffer {
  return statement('sluice enrol 1', of.cloud, of.secret, of.publicKey);
}

interface Signed {
  cloud: string;
  deviceId: string;
  /** ms since 1970 */
  timestamp: number;
  nonce: string;
}

/** That the device asks for a session now. */
export function sessionStatement(of: Signed): Buffer {
  return statement('sluice session 1', of.cloud, of.deviceId, `${of.timestamp}`, of.nonce);
}

/** That the device has another key from now on; signed by the old key and by the new one. */
export function rotateStatement(of: Signed & { newPublicKey: string }): Buffer {
  const { cloud, deviceId, timestamp, nonce, newPublicKey } = of;
  return statement('sluice rotate 1', cloud, deviceId, `${timestamp}`, nonce, newPublicKey);
}

function statement(...lines: string[]): Buffer {
  return Buffer.from(lines.join('\n'), 'utf8');
}
