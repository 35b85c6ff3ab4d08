import assert from 'node:assert/strict';
import { type ErrorCode, ManualClock, SluiceError } from '@sluice/protocol';
import { createHttpSource, type HttpSourceOptions } from '../http/index.ts';
import type { Source } from '../source.ts';
import { CollectingSink } from './collecting-sink.ts';

/** A signal that is never aborted. */
export const never = new AbortController().signal;
/** To the end of the body. */
export const infinity = Number.POSITIVE_INFINITY;

/** An HTTP source that closes with its scope, on a clock that stands still unless one is given. */
export function httpSource(
  url: string,
  options: Partial<HttpSourceOptions> = {},
): Source & AsyncDisposable {
  const source = createHttpSource({ clock: new ManualClock(), ...options, url });
  return Object.assign(source, { [Symbol.asyncDispose]: () => source.close() });
}

/** The bytes from `start` to `end`, as text. */
export async function fetchText(source: Source, start = 0, end = infinity): Promise<string> {
  const sink = new CollectingSink();
  await source.fetch({ start, end }, sink, never);
  return sink.bytes.toString('latin1');
}

/** Checks that a call fails with `code`, and with these params among others. */
export async function rejectsWith(
  call: Promise<unknown>,
  code: ErrorCode,
  params: Record<string, unknown> = {},
): Promise<SluiceError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(outcome instanceof SluiceError, `${code} expected, got ${outcome}`);
  assert.equal(outcome.code, code, outcome.message);
  assert.doesNotMatch(outcome.message, /\{\w+\}/);
  for (const [name, value] of Object.entries(params)) assert.equal(outcome.params[name], value);
  return outcome;
}

/** Both ways of reading plain HTTP. */
export const ways = [
  { way: 'direct', generalOnly: false },
  { way: 'general', generalOnly: true },
] as const;
