import { type AssetEncoding, consoleAsset, consolePage } from '@sluice/console';
import { sluiceError } from '@sluice/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { nameParams } from '../http/param-schemas.ts';

/** A year, s: the name of a file changes with what is in it. */
const assetAge = 31_536_000;

/** Only what the cloud itself serves, and no script or style in the page: what gets into a page cannot run. */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' } as const;

const notBuilt = `The console was not built on this machine.
Run "npm run build" where Sluice is installed (it needs esbuild, a development package), and load this page again.
`;

/** The console at `/console/`: static files, which ask the admin API. They hold no secrets, so anybody gets them. */
export function consoleRoutes(app: FastifyInstance): void {
  app.get('/console/', async (request, reply) => {
    // The page names its files from the root, but people copy its address.
    if (!/^\/console\/(?:\?|$)/.test(request.url)) return reply.redirect('/console/', 308);
    const page = await consolePage();
    secured(reply);
    if (!page) return reply.code(503).type('text/plain; charset=utf-8').send(notBuilt);
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .header('content-security-policy', contentPolicy)
      .send(page);
  });

  app.get<{ Params: { name: string } }>(
    '/console/assets/:name',
    { schema: { params: nameParams } },
    async (request, reply) => {
      const { name } = request.params;
      const encoding = encodingFor(request.headers['accept-encoding']);
      const asset = await consoleAsset(name, encoding);
      if (!asset) throw sluiceError('NoSuchResource');
      secured(reply);
      if (encoding !== 'identity') reply.header('content-encoding', encoding);
      return reply
        .type(types[name.endsWith('.css') ? 'css' : 'js'])
        .header('cache-control', `public, max-age=${assetAge}, immutable`)
        .header('vary', 'accept-encoding')
        .send(asset);
    },
  );
}

function secured(reply: FastifyReply): void {
  reply
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin');
}

/** The best that a browser takes. One that names a form and refuses it at once (`br;q=0`) is none. */
function encodingFor(accepted: string | undefined): AssetEncoding {
  const names = (accepted ?? '').split(',').map((part) => part.trim());
  const takes = (name: string) =>
    names.some((part) => new RegExp(`^${name}(?:$|;(?!q=0(?:$|\\.0*$)))`, 'i').test(part));
  if (takes('br')) return 'br';
  return takes('gzip') ? 'gzip' : 'identity';
}
