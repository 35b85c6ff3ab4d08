import type { ServerResponse } from 'node:http';
import type { Clock } from '@sluice/protocol';
import type { ObjectReading, Portion } from '../fill/object-reading.ts';
import type { Counters } from '../stats.ts';
import type { HeaderList } from '../upstream/headers.ts';
import { type AnswerNote, noteOf } from '../watch/answer-note.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { Outlet } from './outlet.ts';

export interface SendDeps {
  clock: Clock;
  counters: Counters;
  clientStallMs: number;
}

/** Writes the head of an answer; it leaves together with the first bytes of the body. */
export function writeHead(response: ServerResponse, status: number, headers: HeaderList): void {
  noteOf(response)?.head(headers);
  response.writeHead(status, headers.flat());
}

/** Ends an answer whose head is written with a short text; resolves when it is gone or the client. */
export function finish(response: ServerResponse, text: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.end(response.req.method === 'HEAD' ? undefined : text, resolve);
  });
}

/**
 * Sends an answer as its bytes come. The head is not written before the first of them is there.
 * @throws what the reading throws; the response is then untouched or must be cut
 */
export async function sendObject(
  response: ServerResponse,
  plan: AnswerPlan,
  headers: HeaderList,
  reading: ObjectReading,
  { clock, counters, clientStallMs }: SendDeps,
): Promise<void> {
  const outlet = new Outlet(response, clock, clientStallMs);
  const note = noteOf(response);
  const close = () => reading.close();
  if (outlet.closed) close();
  response.once('close', close);
  try {
    for (const { before } of plan.parts) {
      let portion = await reading.next(outlet.size);
      if (!response.headersSent && portion) writeHead(response, plan.status, headers);
      if (before !== '') outlet.write(Buffer.from(before, 'latin1'));
      for (; portion && !outlet.closed; portion = await reading.next(outlet.size)) {
        send(outlet, portion, counters, note);
        if (!outlet.hasRoom) await outlet.room();
      }
      portion?.release();
      if (outlet.closed) return;
    }
    if (plan.after !== '') outlet.write(Buffer.from(plan.after));
    await outlet.end();
  } finally {
    reading.close();
    response.off('close', close);
  }
}

function send(
  outlet: Outlet,
  { bytes, hit, release }: Portion,
  counters: Counters,
  note: AnswerNote | undefined,
): void {
  note?.sent(bytes.length, hit);
  outlet.write(bytes, release);
  if (hit) counters.HitBytes += bytes.length;
  else counters.MissBytes += bytes.length;
}
