import type { ServerResponse } from 'node:http';
import type { Clock } from '@sluice/protocol';
import type { Portion } from '../fill/held-files.ts';
import type { ObjectReading } from '../fill/object-reading.ts';
import type { Counters } from '../stats.ts';
import type { KernelFiles } from '../store/kernel-files.ts';
import type { HeaderList } from '../upstream/headers.ts';
import { type AnswerNote, noteOf } from '../watch/answer-note.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { descriptorOf } from './descriptor.ts';
import type { Egress } from './egress.ts';
import { FileSender } from './file-sender.ts';
import { Outlet } from './outlet.ts';

export interface SendDeps {
  clock: Clock;
  counters: Counters;
  clientStallMs: number;
  kernel: KernelFiles | undefined;
  /** Undefined = as much as goes. */
  egress: Egress | undefined;
}

/** The first bytes, which leave with the head. */
const firstWrite = 64 * 1024;

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
  deps: SendDeps,
): Promise<void> {
  const outlet = outletFor(response, deps);
  const close = () => reading.close();
  if (outlet.closed) close();
  response.once('close', close);
  try {
    const body = new ObjectBody(response, outlet, reading, deps);
    for (const { before } of plan.parts) {
      await body.sendPart(before, () => writeHead(response, plan.status, headers));
      if (outlet.closed) return;
    }
    if (plan.after !== '') outlet.write(Buffer.from(plan.after));
    await outlet.end();
  } finally {
    reading.close();
    response.off('close', close);
  }
}

export function outletFor(response: ServerResponse, deps: SendDeps): Outlet {
  const { clock, clientStallMs, kernel } = deps;
  return new Outlet(response, clock, clientStallMs, () => {
    const socket = kernel && descriptorOf(response);
    return socket === undefined ? undefined : kernel?.queued(socket);
  });
}

/** The bytes of an object on their way: by the kernel where they lie on disk, else by memory. */
class ObjectBody {
  readonly #response: ServerResponse;
  readonly #outlet: Outlet;
  readonly #reading: ObjectReading;
  readonly #counters: Counters;
  readonly #sender: FileSender | undefined;
  readonly #egress: Egress | undefined;
  readonly #note: AnswerNote | undefined;
  #begins = true;

  constructor(response: ServerResponse, outlet: Outlet, reading: ObjectReading, deps: SendDeps) {
    this.#response = response;
    this.#outlet = outlet;
    this.#reading = reading;
    this.#counters = deps.counters;
    this.#egress = deps.egress;
    this.#note = noteOf(response);
    const { kernel, egress } = deps;
    if (kernel && descriptorOf(response) !== undefined) {
      this.#sender = new FileSender(response, outlet, kernel, egress);
    }
  }

  /** Sends the next range of the reading, `before` in front, and the head when it has not left. */
  async sendPart(before: string, writeHead: () => void): Promise<void> {
    const outlet = this.#outlet;
    let portion = await this.#next(this.#sender ? firstWrite : outlet.size);
    if (!this.#response.headersSent && portion) writeHead();
    if (before !== '') outlet.write(Buffer.from(before, 'latin1'));
    while (portion && !outlet.closed) {
      outlet.write(portion.bytes, portion.release);
      this.#count(portion.bytes.length, portion.hit);
      if (this.#sender) await this.#sendStored(this.#sender);
      if (!outlet.hasRoom) await outlet.room();
      portion = await this.#next(outlet.size);
    }
    portion?.release();
  }

  async #next(size: number): Promise<Portion | undefined> {
    const egress = this.#egress;
    if (!egress) return this.#reading.next(size);
    const portion = await this.#reading.next(Math.min(size, egress.turn));
    if (!portion) return undefined;
    await egress.take(portion.bytes.length, this.#begins, () => this.#outlet.closed);
    this.#begins = false;
    return portion;
  }

  /** Sends what follows in this way, as far as that goes. */
  async #sendStored(sender: FileSender): Promise<void> {
    while (this.#reading.isStored) {
      await this.#outlet.drained();
      const run = this.#outlet.closed ? undefined : await this.#reading.stored();
      if (!run) return;
      try {
        const more = await sender.send(run, (length) => {
          this.#reading.took(length);
          this.#count(length, run.hit);
        });
        if (!more) return;
      } finally {
        run.release();
      }
    }
  }

  #count(length: number, hit: boolean): void {
    this.#note?.sent(length, hit);
    if (hit) this.#counters.HitBytes += length;
    else this.#counters.MissBytes += length;
  }
}
