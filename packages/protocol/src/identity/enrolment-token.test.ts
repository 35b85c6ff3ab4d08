import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEnrolmentToken, encodeEnrolmentToken } from './enrolment-token.ts';
import { enrolStatement, rotateStatement, sessionStatement } from './statements.ts';

const secret = 's'.repeat(43);
const pin = 'p'.repeat(43);
const textOf = (value: unknown) =>
  `sluice1.${Buffer.from(JSON.stringify(value)).toString('base64url')}`;

test('a token carries the cloud, its pin and the secret', () => {
  for (const token of [
    { url: 'https://sluice.example:8080', pin, secret },
    { url: 'https://sluice.example/below', pin: undefined, secret },
  ]) {
    assert.deepEqual(decodeEnrolmentToken(encodeEnrolmentToken(token)), token);
  }
  assert.equal(decodeEnrolmentToken(textOf({ u: 'https://h/', s: secret })).url, 'https://h');
});

test('what is no token is refused, and not repeated', () => {
  const good = textOf({ u: 'https://h', s: secret });
  const bad = [
    ...['', 'x', good.slice(1), `${good}x`.replace('1.', '2.'), 'sluice1.', 'sluice1.bnVsbA'],
    ...[{ s: secret }, { u: 'ftp://h', s: secret }, { u: 'https://', s: secret }].map(textOf),
    ...[{ u: 'https://h', s: 'x' }, { u: 'https://h', s: secret, p: 'x' }, [], 1].map(textOf),
    `${good}${'A'.repeat(5_000)}`,
  ];
  for (const text of bad) {
    assert.throws(
      () => decodeEnrolmentToken(text),
      (error: Error & { code: string }) =>
        error.code === 'EnrolmentTokenInvalid' && !error.message.includes(secret),
      text,
    );
  }
});

test('no signature passes for another: each statement says what it is for', () => {
  const signed = { cloud: 'c', deviceId: 'd', timestamp: 1, nonce: 'n' };
  const texts = [
    enrolStatement({ cloud: 'c', secret: 'd', publicKey: '1' }),
    sessionStatement(signed),
    sessionStatement({ ...signed, cloud: 'x' }),
    sessionStatement({ ...signed, timestamp: 2 }),
    rotateStatement({ ...signed, newPublicKey: 'k' }),
  ].map(String);
  assert.equal(new Set(texts).size, texts.length);
});
