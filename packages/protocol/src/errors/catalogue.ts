import { cacheNodeErrors } from './catalogue/cache-node.ts';
import { cloudErrors } from './catalogue/cloud.ts';
import { diskErrors } from './catalogue/disk.ts';
import { downloadErrors } from './catalogue/download.ts';
import { generalErrors } from './catalogue/general.ts';
import { identityErrors } from './catalogue/identity.ts';
import { jobErrors } from './catalogue/jobs.ts';
import { phfErrors } from './catalogue/phf.ts';
import { policyErrors } from './catalogue/policy.ts';
import { serviceErrors } from './catalogue/services.ts';
import { sourceErrors } from './catalogue/source.ts';
import { storeErrors } from './catalogue/store.ts';
import { swarmErrors } from './catalogue/swarm.ts';

export { type ErrorEntry, ExitCode } from './catalogue/error-entry.ts';

/**
 * The one catalogue of errors. Callers switch on the code, never on the text.
 * `message` is a template: `{name}` is replaced by the parameter of that name.
 * `hresult` is Delivery Optimization's code where it has one (reference: wire.md §2, workflow.md §2 and §6).
 */
export const errorCatalogue = {
  ...generalErrors,
  ...phfErrors,
  ...swarmErrors,
  ...sourceErrors,
  ...diskErrors,
  ...storeErrors,
  ...downloadErrors,
  ...policyErrors,
  ...jobErrors,
  ...serviceErrors,
  ...cloudErrors,
  ...identityErrors,
  ...cacheNodeErrors,
} as const;

export type ErrorCode = keyof typeof errorCatalogue;
