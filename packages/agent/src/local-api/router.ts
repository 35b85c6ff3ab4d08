import type { IncomingMessage, ServerResponse } from 'node:http';
import { sluiceError } from '@sluice/protocol';
import { Check, Errors } from 'typebox/value';
import { readJson, targetOf } from './read-request.ts';
import { BadRequest, refusalOf } from './refusal.ts';
import { type Asked, type Handler, Reply, Route, type RouteOptions } from './route.ts';

interface Add {
  <T extends Asked>(url: string, handler: Handler<T>): void;
  <T extends Asked>(url: string, options: RouteOptions, handler: Handler<T>): void;
}

/** @throws when the caller may not ask the route that was found. */
export type Admit = (url: string, request: IncomingMessage) => void;

/**
 * JSON over HTTP, to handlers. What the local API needs is little, and a web framework took 8 MB of memory
 * and two fifths of the CPU time of a start.
 */
export class Router {
  readonly routes: Route[] = [];
  readonly get = this.#adder('GET');
  readonly post = this.#adder('POST');
  readonly patch = this.#adder('PATCH');
  readonly delete = this.#adder('DELETE');
  readonly #admit: Admit;

  /** @param admit asked with the URL of the route, before anything else: a path can be spelt in many ways. */
  constructor(admit: Admit) {
    this.#admit = admit;
  }

  /** Answers a request of a server; never rejects. */
  readonly serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await this.#answer(request, new Reply(response));
    } catch (error) {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const { status, report } = refusalOf(error);
      // The rest of a body that is too large is not waited for.
      if (status === 413) response.setHeader('connection', 'close');
      send(response, status, report);
    }
  };

  async #answer(raw: IncomingMessage, reply: Reply): Promise<void> {
    const { segments, query } = targetOf(raw.url ?? '');
    const { route, params } = this.#find(raw.method, segments);
    this.#admit(route.url, raw);
    const { schema = {}, config } = route.options;
    const hasBody = route.method === 'POST' || route.method === 'PATCH';
    const given = hasBody ? await readJson(raw) : undefined;
    const body = config?.isBodyOptional ? (given ?? {}) : given;
    check('query', schema.querystring, query);
    check('body', schema.body, body);
    const answer = await route.handler({ raw, params, query, body }, reply);
    if (!reply.isHijacked) send(reply.raw, reply.status, answer);
  }

  #find(method: string | undefined, segments: readonly string[]) {
    for (const route of this.routes) {
      const params = route.method === method ? route.match(segments) : undefined;
      if (params) return { route, params };
    }
    throw sluiceError('NoSuchResource');
  }

  #adder(method: string): Add {
    return (url: string, ...given: unknown[]) => {
      const handler = given.pop() as Handler<Asked>;
      const [options = {}] = given as RouteOptions[];
      this.routes.push(new Route(method, url, options, handler));
    };
  }
}

function check(name: string, schema: object | undefined, value: unknown): void {
  if (!schema || Check(schema, value)) return;
  // That a schema is `false` tells nobody anything; what it stands for follows.
  const error = Errors(schema, value).find(({ keyword }) => keyword !== 'boolean');
  const what = error ? `${name}${error.instancePath} ${error.message}` : `${name} is not valid`;
  throw new BadRequest(400, what);
}

function send(response: ServerResponse, status: number, answer: unknown): void {
  const text = JSON.stringify(answer);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
