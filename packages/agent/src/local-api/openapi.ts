import { agentVersion } from '../version.ts';
import type { Route } from './route.ts';

/** The OpenAPI 3.1 document of the routes, of the very schemas that they check by. */
export function openApiOf(routes: readonly Route[], errors: object): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operationOf(route, errors);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sluice agent', version: agentVersion },
    paths,
  };
}

function operationOf({ url, options: { schema, config } }: Route, errors: object): object {
  const { summary, body, querystring, response = {} } = schema ?? {};
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(querystring?.properties ?? {}).map(([name, each]) => ({
    name,
    in: 'query',
    schema: each,
  }));
  const sent = config?.documentedBody ?? body;
  const responses: Record<string, object> = {};
  for (const [status, each] of Object.entries(response)) {
    responses[status] = { description: summary ?? 'as asked', ...json(each) };
  }
  if (Object.keys(responses).length === 0)
    responses['200'] = { description: summary ?? 'as asked' };
  responses.default = { description: 'an error of the catalogue', ...json(errors) };
  return {
    ...(summary !== undefined && { summary }),
    parameters: [...inPath, ...inQuery],
    ...(sent && { requestBody: json(sent) }),
    responses,
  };
}

function json(schema: object): object {
  return { content: { 'application/json': { schema } } };
}
