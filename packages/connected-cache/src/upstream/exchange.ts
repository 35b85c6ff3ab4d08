import type { AnswerHeaders } from './headers.ts';

/** Takes the bytes of an answer as they come; called from the socket's own turn of the loop. */
export interface BodySink {
  /**
   * Where the next bytes are to be read to, never empty; undefined = nowhere now: nothing is read until
   * `resume`. Asked again before `data`, it gives the same place. Without it every chunk is a buffer of its
   * own.
   */
  space?(): Uint8Array | undefined;
  /** With `space`, the chunk is the beginning of what that gave last. */
  data(chunk: Uint8Array): void;
  end(): void;
  error(error: Error): void;
}

/** The body of an answer. Nothing of it is read before `attach`. */
export interface Body {
  /** Once only. */
  attach(sink: BodySink): void;
  pause(): void;
  resume(): void;
  /** Ends the exchange; the sink hears nothing more. */
  abort(): void;
}

export interface Answer {
  status: number;
  headers: AnswerHeaders;
  body: Body;
}

export interface Question {
  origin: string;
  path: string;
  method: 'GET' | 'HEAD';
  headers: Record<string, string>;
}

/** Reads a body to its end; undefined when it is longer than `limit` bytes or breaks off. */
export function readBody(body: Body, limit: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    body.attach({
      data(chunk) {
        chunks.push(chunk);
        length += chunk.length;
        if (length <= limit) return;
        body.abort();
        resolve(undefined);
      },
      end: () => resolve(Buffer.concat(chunks)),
      error: () => resolve(undefined),
    });
  });
}

/** What is left of a longer body is not worth reading. */
const maxDiscarded = 65536;

/** Reads a body to its end if it is short, so that its connection can serve again. */
export function discard(body: Body): void {
  let left = maxDiscarded;
  body.attach({
    data(chunk) {
      left -= chunk.length;
      if (left < 0) body.abort();
    },
    end() {},
    // Nobody waits for these bytes, and a broken connection is not used again.
    error() {},
  });
}
