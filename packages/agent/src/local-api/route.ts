import type { IncomingMessage, ServerResponse } from 'node:http';

/** JSON schemas. What comes is checked by them as it is, nothing is mended; replies are only described. */
export interface RouteSchema {
  summary?: string;
  body?: object;
  querystring?: { properties?: Record<string, object> };
  response?: Record<string, object>;
}

export interface RouteOptions {
  schema?: RouteSchema;
  config?: {
    /** The body's schema, where the route checks it by itself. */
    documentedBody?: object;
    /** No body stands for `{}`. */
    isBodyOptional?: boolean;
  };
}

/** Types of what a handler gets, as the schemas of its route say. */
export interface Asked {
  Params?: unknown;
  Querystring?: unknown;
  Body?: unknown;
}

export interface Request<T extends Asked = Asked> {
  readonly raw: IncomingMessage;
  readonly params: T['Params'];
  readonly query: T['Querystring'];
  readonly body: T['Body'];
}

export class Reply {
  readonly raw: ServerResponse;
  status = 200;
  isHijacked = false;

  constructor(raw: ServerResponse) {
    this.raw = raw;
  }

  code(status: number): void {
    this.status = status;
  }

  /** From here on the handler answers by itself, on `raw`. */
  hijack(): void {
    this.isHijacked = true;
  }
}

/** @returns what is sent, as JSON. @throws what refuses, see `refusalOf`. */
export type Handler<T extends Asked> = (request: Request<T>, reply: Reply) => unknown;

export class Route {
  readonly method: string;
  /** `/v1/downloads/:id`: a segment with a colon is any that is not empty. */
  readonly url: string;
  readonly options: RouteOptions;
  readonly handler: Handler<Asked>;
  readonly #segments: readonly string[];

  constructor(method: string, url: string, options: RouteOptions, handler: Handler<Asked>) {
    this.method = method;
    this.url = url;
    this.options = options;
    this.handler = handler;
    this.#segments = url.split('/');
  }

  /** @returns its parameters, or undefined when these segments of a path are not its. */
  match(segments: readonly string[]): Record<string, string> | undefined {
    if (segments.length !== this.#segments.length) return undefined;
    const params: Record<string, string> = {};
    for (const [i, expected] of this.#segments.entries()) {
      const given = segments[i] as string;
      if (expected.startsWith(':') && given !== '') params[expected.slice(1)] = given;
      else if (given !== expected) return undefined;
    }
    return params;
  }
}
