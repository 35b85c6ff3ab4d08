import { content, type HostileCase, honest, message, whole } from './hostile-case.ts';

const to = (status: string, Location: string) => message(status, { Location });
const login = '<html><form action="/login">Welcome to our network</form></html>';
const html = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' };
const pathOf = (head: string) => head.split(' ')[1] ?? '';

const refusals: ReadonlyArray<readonly [string, string]> = [
  ['101 Switching Protocols', 'SourceStatus'],
  ['205 Reset Content', 'SourceStatus'],
  ['226 IM Used', 'SourceStatus'],
  ['300 Multiple Choices', 'SourceStatus'],
  ['304 Not Modified', 'SourceStatus'],
  ['305 Use Proxy', 'SourceStatus'],
  ['401 Unauthorized', 'SourceUnauthorized'],
  ['402 Payment Required', 'SourceStatus'],
  ['403 Forbidden', 'SourceForbidden'],
  ['404 Not Found', 'SourceNotFound'],
  ['407 Proxy Authentication Required', 'SourceProxyUnauthorized'],
  ['410 Gone', 'SourceGone'],
  ['451 Unavailable', 'SourceStatus'],
  ['501 Not Implemented', 'SourceServerError'],
  ['505 HTTP Version Not Supported', 'SourceServerError'],
  ['511 Network Authentication Required', 'SourceCaptivePortal'],
];

/** Answers that are not the content, and ways that lead nowhere. */
export const statusCases: readonly HostileCase[] = [
  ...refusals.map(([status, code]) => ({
    name: `status ${status}`,
    answer: ({ socket }: { socket: { end(bytes: Buffer): unknown } }) =>
      socket.end(message(status, html, /^(101|304)/.test(status) ? '' : login)),
    outcome: [code],
  })),
  {
    name: '429 that wants a year of rest',
    answer: ({ socket }) =>
      socket.write(message('429 Too Many Requests', { 'Retry-After': 31_536_000 })),
    outcome: ['SourceThrottled'],
  },
  ...['-5', 'yesterday', 'Thu, 01 Jan 1970 00:00:00 GMT', '1e9', ''].map((value) => ({
    name: `503 with Retry-After ${JSON.stringify(value)}`,
    answer: ({ socket }: { socket: { write(bytes: Buffer): unknown } }) =>
      socket.write(message('503 Service Unavailable', { 'Retry-After': value })),
    outcome: ['SourceServerError'],
  })),
  {
    name: '503 once, then the content',
    answer: (ask) => {
      if (ask.index === 0) {
        ask.socket.write(message('503 Service Unavailable', { 'Retry-After': 1 }));
      } else ask.socket.write(honest(ask));
    },
    outcome: content,
  },
  {
    name: 'a login page in place of the content',
    answer: ({ socket }) => socket.write(message('200 OK', html, login)),
    outcome: ['SourceCaptivePortal'],
  },
  {
    name: 'a redirect to a login page',
    answer: ({ socket, head }) =>
      socket.write(
        pathOf(head) === '/login' ? message('200 OK', html, login) : to('302 Found', '/login'),
      ),
    outcome: ['SourceCaptivePortal'],
  },
  {
    name: 'a login page until somebody has logged in',
    answer: (ask) => ask.socket.write(ask.index ? honest(ask) : message('200 OK', html, login)),
    outcome: content,
  },
  {
    name: 'a web page that was asked for',
    path: '/index.html',
    answer: ({ socket }) => socket.write(message('200 OK', html, login)),
    outcome: Buffer.from(login),
  },
  {
    name: 'a redirect in a circle',
    answer: ({ socket, head }) =>
      socket.write(to('302 Found', pathOf(head) === '/a' ? '/b' : '/a')),
    outcome: ['SourceRedirectLoop'],
  },
  {
    name: 'redirects without end',
    answer: ({ socket, index }) => socket.write(to('307 Temporary Redirect', `/${index}`)),
    outcome: ['SourceTooManyRedirects'],
  },
  ...['file:///etc/passwd', 'ftp://127.0.0.1/x', 'javascript:alert(1)', 'data:,evil'].map(
    (url) => ({
      name: `a redirect to ${url}`,
      answer: ({ socket }: { socket: { write(bytes: Buffer): unknown } }) =>
        socket.write(to('301 Moved', url)),
      outcome: ['SourceRedirectRefused'],
    }),
  ),
  {
    name: 'a redirect to nowhere',
    answer: ({ socket }) => socket.write(message('302 Found', {})),
    outcome: ['SourceMalformed'],
  },
  {
    name: 'a redirect to a port that no browser would use, where nobody listens',
    answer: ({ socket }) => socket.write(to('302 Found', 'http://127.0.0.1:1/x')),
    outcome: ['SourceRefused'],
  },
  {
    name: 'a redirect with a body without end',
    answer: (ask) => {
      const { socket, head } = ask;
      if (pathOf(head) === '/there') socket.write(whole({ ETag: '"v1"' }));
      else
        socket.write(message('302 Found', { Location: '/there', 'Content-Length': 1e12 }, login));
    },
    outcome: content,
  },
];
