/**
 * `npm run docs:policies`: writes docs/policies.md and the schema of the config file from the catalogue of
 * settings.
 */
import { writeFileSync } from 'node:fs';
import { policyDocs } from './policy-docs/render.ts';

for (const [file, text] of Object.entries(policyDocs())) {
  writeFileSync(new URL(`../${file}`, import.meta.url), text);
}
