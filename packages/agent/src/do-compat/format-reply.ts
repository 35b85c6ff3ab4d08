const words: Record<number, string> = {
  200: 'OK',
  400: 'BadRequest',
  404: 'NotFound',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};
const server = 'Server: Delivery-Optimization-Agent/1.1.0\r\n';

/**
 * A reply as Microsoft's clients read it: they end the whole process at a header spelt in another way, a
 * space or dash in the reason, a body of another length (do-client-contract.md §0).
 */
export function formatReply(status: number, body = ''): string {
  const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `HTTP/1.1 ${status} ${words[status]}\r\n${length}${server}\r\n${body}`;
}

/** A body that tells values: all are strings, slashes escaped, as Boost writes them. */
export function formatValues(values: Record<string, string>): string {
  return `${JSON.stringify(values).replaceAll('/', '\\/')}\n`;
}
