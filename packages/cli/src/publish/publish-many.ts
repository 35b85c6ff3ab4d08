import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ReportedFailure } from '../errors/reported-failure.ts';
import { readSignKey } from '../keys/key-files.ts';
import { signPublication } from '../keys/sign-publication.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { listenForStop } from '../process/stop-signal.ts';
import { withHashingProgress } from '../terminal/hashing-progress.ts';
import { findAdminToken } from './admin-token.ts';
import { filesToPublish } from './files-to-publish.ts';
import { HashedFiles } from './hashed-files.ts';
import { knownContent } from './known-content.ts';
import { askAdmin, postContent } from './post-content.ts';
import { publishFiles } from './publish-files.ts';
import { exitCodeOf, showPublished } from './published-files.ts';

export interface PublishManyOptions {
  urlBase: string;
  cloud: string;
  signKey?: string;
  validDays: number;
  tenant?: string;
  tokenFile?: string;
  json?: boolean;
  quiet?: boolean;
}

/** `sluice publish … --url-base`: files and folders. @throws ReportedFailure, of the worst that happened to one */
export async function publishMany(
  named: readonly string[],
  { cloud, urlBase, validDays, tenant, json, quiet, ...options }: PublishManyOptions,
): Promise<void> {
  const signKey = options.signKey === undefined ? undefined : await readSignKey(options.signKey);
  const token = await findAdminToken(cloud, options.tokenFile);
  const { files, passedOver } = await filesToPublish(named, urlBase);
  const { createPiecesHashFile } = await import('@sluice/agent');
  using stop = listenForStop();
  const { signal } = stop;
  // A wrong token or address is found out before anything is hashed for it.
  await askAdmin(cloud, token, { method: 'GET', path: '/admin/content?limit=1' }, signal);
  const hashed = await HashedFiles.open(path.join(defaultDataDir('publish'), 'hashed-files.json'));
  const results = await withHashingProgress({ wanted: !json && !quiet }, (onProgress) =>
    publishFiles(files, {
      cloud: {
        find: (contentId) => knownContent(cloud, token, contentId, signal),
        post: (request) => postContent(cloud, token, request, signal),
      },
      hash: (file, onBytes) => createPiecesHashFile(file, { onProgress: onBytes, signal }),
      sign: signKey && ((id, phf) => signPublication(id, phf, signKey, validDays)),
      ...{ tenant, hashed, wallTime: Date.now, atOnce: availableParallelism(), onProgress, signal },
    }),
  );
  showPublished(results, passedOver, { json, quiet });
  await hashed.save();
  const exitCode = exitCodeOf(results);
  if (exitCode !== 0) throw new ReportedFailure(exitCode);
}
