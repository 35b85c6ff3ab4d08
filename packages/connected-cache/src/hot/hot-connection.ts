import { Socket } from 'node:net';
import type { ByteRange } from '@sluice/protocol';
import type { HeldLease } from './held-lease.ts';
import { HotAnswer } from './hot-answer.ts';
import type { HotFront } from './hot-front.ts';
import { answerHead } from './hot-head.ts';
import { type PlainRequest, parsePlain, resolveRange } from './plain-request.ts';

/** The first bytes, which leave at once; for the others answers take turns. */
const mostAtOnce = 256 * 1024;

/** One connection of a device, as long as it asks for what is hot only. */
export class HotConnection {
  readonly #front: HotFront;
  readonly #socket: Socket;
  readonly #descriptor: number;
  #answer: HotAnswer | undefined;
  #busy = false;

  /** @param gone called once, when it is closed or somebody else's */
  constructor(descriptor: number, front: HotFront, gone: () => void) {
    this.#front = front;
    this.#descriptor = descriptor;
    const onread = { buffer: front.input, callback: (n: number) => this.#onBytes(n) };
    const all = { readable: true, writable: true, allowHalfOpen: true };
    this.#socket = new Socket({ fd: descriptor, ...all, onread });
    const socket = this.#socket;
    socket.setTimeout(front.deps.keepAliveMs, () => this.#onTimeout());
    socket.on('error', () => {}).on('end', () => this.#onEnd());
    socket.on('close', gone);
    socket.resume();
  }

  get #now(): number {
    return this.#front.deps.host.clock.now();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  endWhenIdle(): void {
    if (!this.#busy) this.destroy();
  }

  #onTimeout(): void {
    if (!this.#busy) this.destroy();
    else this.#answer?.onTimeout(this.#descriptor);
  }

  #onEnd(): void {
    if (!this.#busy) this.destroy();
  }

  /** @returns whether to go on reading */
  #onBytes(length: number): boolean {
    const request = parsePlain(this.#front.input.toString('latin1', 0, length));
    if (request && !this.#front.isClosing) {
      const lease = this.#front.leaseFor(request);
      if (lease && this.#begin(request, lease)) return true;
    }
    this.#pause();
    this.#askFirst(request, Buffer.from(this.#front.input.subarray(0, length)));
    return true;
  }

  #pause(): void {
    this.#busy = true;
    // What comes meanwhile stays with the system: it may be somebody else's to read.
    this.#socket.pause();
  }

  async #askFirst(request: PlainRequest | undefined, bytes: Buffer): Promise<void> {
    const lease = request && !this.#front.isClosing ? await this.#front.ask(request) : undefined;
    if (this.#socket.destroyed) return;
    if (request && lease && this.#begin(request, lease)) return;
    this.#handOver(bytes);
  }

  #handOver(bytes: Buffer): void {
    const { kernel, host } = this.#front.deps;
    try {
      host.handOver(kernel.duplicate(this.#descriptor), bytes);
    } catch (error) {
      host.failed(error);
    }
    this.destroy();
  }

  /** @returns false when nothing was sent, since the lease does not do */
  #begin(request: PlainRequest, lease: HeldLease): boolean {
    const { host, counts } = this.#front.deps;
    const range = resolveRange(request.range, lease.grant.length);
    const wallMs = host.wallTime();
    if (!range || !lease.isFresh(wallMs) || !lease.covers(range) || !lease.acquire()) return false;
    counts.add('Requests', 1);
    const answer = new HotAnswer(request, lease, range, this.#front, this.#socket, this.#now);
    if (this.#sendAtOnce(answer, range, wallMs)) {
      this.#ended(answer);
      return true;
    }
    this.#pause();
    this.#run(answer, wallMs);
    return true;
  }

  /** @returns whether that was all */
  #sendAtOnce(answer: HotAnswer, { start, end }: ByteRange, wallMs: number): boolean {
    const first = Math.min(mostAtOnce, end - start);
    if (this.#front.deps.host.egress || !answer.isWarm(start, start + first)) return false;
    this.#writeHead(answer, answer.range, wallMs);
    answer.sendNow(this.#descriptor, first);
    return answer.isComplete;
  }

  #writeHead(answer: HotAnswer, range: ByteRange, wallMs: number): void {
    const { keepAliveMs } = this.#front.deps;
    const keepS = answer.request.close ? undefined : Math.floor(keepAliveMs / 1000);
    const { grant } = answer.lease;
    const head = answerHead(grant, range, answer.request.range !== undefined, wallMs, keepS);
    answer.writeHead(this.#descriptor, head);
  }

  async #run(answer: HotAnswer, wallMs: number): Promise<void> {
    const { counts, clientStallMs, keepAliveMs, host } = this.#front.deps;
    this.#answer = answer;
    this.#socket.setTimeout(clientStallMs);
    counts.add('ActiveAnswers', 1);
    const writeHead = () => this.#writeHead(answer, answer.range, wallMs);
    const complete = await answer.run(this.#descriptor, writeHead).catch((error) => {
      host.failed(error);
      return false;
    });
    counts.add('ActiveAnswers', -1);
    this.#answer = undefined;
    if (!complete) this.destroy();
    if (!this.#socket.destroyed) this.#socket.setTimeout(keepAliveMs);
    this.#ended(answer);
  }

  #ended(answer: HotAnswer): void {
    answer.end();
    if (answer.request.close || this.#front.isClosing) {
      this.#socket.destroySoon();
    } else if (this.#busy) {
      this.#busy = false;
      this.#socket.resume();
    }
  }
}
