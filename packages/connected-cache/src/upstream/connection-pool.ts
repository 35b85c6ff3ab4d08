import { sluiceError } from '@sluice/protocol';
import type { SourceConnect } from '../sources/guarded-connect.ts';
import type { Answer, Question } from './exchange.ts';
import { type ConnectionOwner, type Patience, SourceConnection } from './wire/source-connection.ts';

/** Of one source; who needs more waits. */
const maxPerSource = 128;
/** Kept open though nobody uses them, in all. */
const maxIdle = 256;

interface Origin {
  url: URL;
  open: number;
  waiting: (() => void)[];
}

/** The connections to sources, kept for the next question. */
export class ConnectionPool implements ConnectionOwner {
  readonly #connect: SourceConnect;
  readonly #patience: Patience;
  readonly #origins = new Map<string, Origin>();
  /** All that are open. */
  readonly #members = new Map<SourceConnection, string>();
  readonly #idle = new Set<SourceConnection>();
  #closed = false;

  constructor(connect: SourceConnect, patience: Patience) {
    this.#connect = connect;
    this.#patience = patience;
  }

  /**
   * @param signal ends it at any time, the body too
   * @throws what connecting and the connection throw; Cancelled
   */
  async ask(question: Question, host: string, signal?: AbortSignal): Promise<Answer> {
    if (signal?.aborted || this.#closed) throw sluiceError('Cancelled');
    const connection = this.#takeIdle(question.origin) ?? (await this.#open(question.origin, host));
    if (signal?.aborted || this.#closed) {
      connection.fail(sluiceError('Cancelled'));
      throw sluiceError('Cancelled');
    }
    const answer = connection.ask(question);
    if (!signal) return answer;
    const abort = () => connection.fail(sluiceError('Cancelled'));
    signal.addEventListener('abort', abort, { once: true });
    try {
      const { body, ...head } = await answer;
      // From now on it is the body that is given up: the connection may be another's by then.
      signal.removeEventListener('abort', abort);
      signal.addEventListener('abort', () => body.abort(), { once: true });
      return { ...head, body };
    } catch (error) {
      signal.removeEventListener('abort', abort);
      throw error;
    }
  }

  idle(connection: SourceConnection): void {
    const origin = this.#origins.get(this.#members.get(connection)!)!;
    this.#idle.add(connection);
    const [oldest] = this.#idle;
    if (oldest && this.#idle.size > maxIdle) oldest.fail(new Error('too many are idle'));
    origin.waiting.shift()?.();
  }

  gone(connection: SourceConnection): void {
    const name = this.#members.get(connection);
    if (name === undefined) return;
    this.#members.delete(connection);
    this.#idle.delete(connection);
    const origin = this.#origins.get(name)!;
    origin.open--;
    origin.waiting.shift()?.();
    if (origin.open === 0 && origin.waiting.length === 0) this.#origins.delete(name);
  }

  /** Ends all of them. */
  close(): void {
    this.#closed = true;
    for (const connection of [...this.#members.keys()]) connection.fail(sluiceError('Cancelled'));
    for (const { waiting } of this.#origins.values()) for (const go of waiting) go();
  }

  /** The one used last is the one least likely to be closed by now. */
  #takeIdle(origin: string): SourceConnection | undefined {
    const found = [...this.#idle].findLast((c) => this.#members.get(c) === origin);
    if (found) this.#idle.delete(found);
    return found;
  }

  async #open(name: string, host: string): Promise<SourceConnection> {
    let origin = this.#origins.get(name);
    if (!origin) {
      origin = { url: new URL(name), open: 0, waiting: [] };
      this.#origins.set(name, origin);
    }
    while (origin.open >= maxPerSource && !this.#closed) {
      const { waiting } = origin;
      await new Promise<void>((resolve) => waiting.push(resolve));
      const idle = this.#takeIdle(name);
      if (idle) return idle;
    }
    if (this.#closed) throw sluiceError('Cancelled');
    const { url } = origin;
    const open = (onread: Parameters<SourceConnect>[1]) => this.#connect(url, onread);
    this.#origins.set(name, origin);
    const connection = new SourceConnection(open, host, this, this.#patience);
    origin.open++;
    this.#members.set(connection, name);
    return connection;
  }
}
