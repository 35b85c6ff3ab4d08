import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { fixedHeaders } from '../fill/source-link.ts';
import type { ClientRequest } from '../request/client-request.ts';
import type { Body } from '../upstream/exchange.ts';
import { endToEnd, type HeaderList, single } from '../upstream/headers.ts';
import { sourceError } from '../upstream/source-error.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { type AnswerNote, noteOf } from '../watch/answer-note.ts';
import type { Outlet } from './outlet.ts';
import { outletFor, type SendDeps, writeHead } from './send-object.ts';

/** What a source may make its answer depend on. Cookies stay with the client. */
const passedOn = [
  'accept',
  'accept-language',
  'cache-control',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'origin',
  'range',
  'referer',
  'user-agent',
] as const;

/**
 * Has the source answer this one client; nothing is kept.
 * @param own headers of this node for the answer
 * @throws the errors of Upstream.ask, and when the source breaks off; the response must be cut then
 */
export async function passThrough(
  request: ClientRequest,
  response: ServerResponse,
  own: HeaderList,
  upstream: Upstream,
  deps: SendDeps,
): Promise<void> {
  const { source, path, method, headers, traceparent } = request;
  const left = new AbortController();
  response.once('close', () => left.abort());
  if (response.destroyed) return;
  const { authorization } = headers;
  const answer = await upstream.ask({
    source,
    path,
    method,
    headers: {
      ...{ ...fixedHeaders, via: request.via, ...selected(headers) },
      ...(traceparent !== undefined && { traceparent }),
    },
    ...(authorization !== undefined && { credentials: { authorization } }),
    signal: left.signal,
  });
  const list = endToEnd(answer.headers);
  for (const name of ['content-length', 'content-range', 'accept-ranges']) {
    const value = single(answer.headers, name);
    if (value !== undefined) list.push([name, value]);
  }
  writeHead(response, answer.status, [...list, ...own]);
  const outlet = outletFor(response, deps);
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  const relayed = relay(answer.body, outlet, deps, noteOf(response)).catch((error) => {
    throw sourceError(error, source.label);
  });
  await Promise.race([relayed, gone]);
  await outlet.end();
}

function selected(headers: IncomingHttpHeaders): Record<string, string> {
  const list: Record<string, string> = {};
  for (const name of passedOn) {
    const value = headers[name];
    if (typeof value === 'string') list[name] = value;
  }
  return list;
}

/** Resolves when all has come. The source waits for a client that is slow. */
function relay(
  body: Body,
  outlet: Outlet,
  { counters, egress }: SendDeps,
  note: AnswerNote | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let paused = false;
    // The bytes are here already: what they are too many is made up for by waiting after them.
    let owed = 0;
    const regulate = async () => {
      if (paused || (outlet.hasRoom && !egress)) return;
      paused = true;
      body.pause();
      while (egress && owed > 0) {
        const length = Math.min(owed, egress.turn);
        owed -= length;
        await egress.take(length, false, () => outlet.closed);
      }
      await outlet.room();
      // The parser of the source's answer may still be at this very chunk.
      if (egress) await new Promise((resolve) => setImmediate(resolve));
      paused = false;
      body.resume();
    };
    body.attach({
      data(chunk) {
        counters.SourceBytes += chunk.length;
        counters.MissBytes += chunk.length;
        owed += chunk.length;
        note?.sent(chunk.length, false);
        outlet.write(chunk);
        regulate();
      },
      end: resolve,
      error: reject,
    });
  });
}
