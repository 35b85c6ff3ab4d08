import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { DownloadRequest } from '@sluice/protocol';

/** What a client asked, and the socket to answer on, right or wrong. */
export interface Ask {
  readonly socket: Socket;
  readonly head: string;
  /** Requests to this server before. */
  readonly index: number;
  /** As `Range` says; `end` undefined = to the end. */
  readonly range: { start: number; end: number | undefined } | undefined;
  /** `http://127.0.0.1:port` of this server. */
  readonly origin: string;
}

/** One way to misbehave, and what must come of it. */
export interface HostileCase {
  readonly name: string;
  readonly answer: (ask: Ask) => void;
  /** The agent's clock runs fast: all there is to see is that it gives up in the end. */
  readonly waits?: boolean;
  /** Over TLS, with this certificate. */
  readonly tls?: { key: string; cert: string };
  /** What else the request says. */
  readonly request?: Partial<DownloadRequest>;
  /** Default `/file.bin`. */
  readonly path?: string;
  /** The bytes that must lie under the final name, or the codes one of which it must fail with. */
  readonly outcome: Buffer | readonly string[];
}

/** What an honest server has. */
export const content = bytesOf('honest', 300_000);

/** `length` bytes of which no two places are alike. */
export function bytesOf(seed: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

export type Fields = Readonly<Record<string, string | number>>;

/** Head and body as one message; the length is stated unless `fields` does. */
export function message(status: string, fields: Fields, body: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(body);
  const given = Object.keys(fields).some((n) => /^(content-length|transfer-encoding)$/i.test(n));
  const all = given ? fields : { 'Content-Length': bytes.length, ...fields };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`), bytes]);
}

/** The right answer to `ask`. */
export function honest(
  { range }: Ask,
  fields: Fields = {},
  body: Buffer = content,
  etag = '"v1"',
): Buffer {
  const common = { ETag: etag, 'Accept-Ranges': 'bytes', ...fields };
  if (!range) return message('200 OK', common, body);
  const end = Math.min(range.end ?? body.length, body.length);
  const place = { 'Content-Range': `bytes ${range.start}-${end - 1}/${body.length}` };
  return message('206 Partial Content', { ...common, ...place }, body.subarray(range.start, end));
}

/** The whole in one answer, as who has no ranges sends it. */
export function whole(fields: Fields = {}, body: Buffer = content): Buffer {
  return message('200 OK', fields, body);
}
