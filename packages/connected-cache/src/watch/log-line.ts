import type { IncomingMessage } from 'node:http';
import type { AnswerNote } from './answer-note.ts';

/** `combined` is the format of Apache and nginx; `json` has one object a line. */
export type LogFormat = 'combined' | 'json';

export interface LogLineFacts {
  message: Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'headers'>;
  client: string | undefined;
  status: number;
  note: Pick<AnswerNote, 'source' | 'state' | 'hitBytes' | 'missBytes'>;
  /** Wall time when the answer ended, ms since 1970, and how long it took, ms. */
  wallMs: number;
  ms: number;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const maxText = 2048;

/** One line of the access log. @param withQuery queries too, which may hold the keys of signed URLs */
export function logLine(format: LogFormat, withQuery: boolean, facts: LogLineFacts): string {
  const { message, client = '-', status, note, wallMs, ms } = facts;
  const { method = '-', url = '-', httpVersion, headers } = message;
  const target = shown(url, withQuery);
  const referer = headers.referer === undefined ? '-' : shown(headers.referer, withQuery);
  const agent = headers['user-agent'] ?? '-';
  const bytes = note.hitBytes + note.missBytes;
  if (format === 'json') {
    const line = {
      Time: new Date(wallMs).toISOString(),
      Client: client,
      Method: method,
      Target: target,
      Source: note.source ?? null,
      Status: status,
      Bytes: bytes,
      HitBytes: note.hitBytes,
      Cache: note.state,
      Ms: Math.round(ms),
      Range: headers.range?.slice(0, 200) ?? null,
      UserAgent: agent.slice(0, maxText),
    };
    return `${JSON.stringify(line)}\n`;
  }
  const request = `${quoted(method)} ${quoted(target)} HTTP/${httpVersion}`;
  const size = bytes === 0 ? '-' : `${bytes}`;
  return `${client} - - [${commonTime(wallMs)}] "${request}" ${status} ${size} "${quoted(referer)}" "${quoted(agent)}"\n`;
}

/** Without what may be a secret: credentials and, unless asked for, the query. */
function shown(target: string, withQuery: boolean): string {
  const bare = target.slice(0, maxText).replace(/^(https?:\/\/)[^/?#@]*@/i, '$1');
  const cut = bare.indexOf('?');
  return withQuery || cut < 0 ? bare : `${bare.slice(0, cut)}?***`;
}

/** A line stays one, and a field one, whatever a client sends. */
function quoted(text: string): string {
  return text
    .slice(0, maxText)
    .replaceAll(
      /["\\]|[^ -~]/g,
      (c) => `\\x${(c.charCodeAt(0) & 255).toString(16).padStart(2, '0')}`,
    );
}

/** `10/Oct/2000:13:55:36 +0000` */
function commonTime(wallMs: number): string {
  const time = new Date(wallMs);
  const two = (n: number) => `${n}`.padStart(2, '0');
  const day = `${two(time.getUTCDate())}/${months[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(':');
  return `${day}:${clock} +0000`;
}
