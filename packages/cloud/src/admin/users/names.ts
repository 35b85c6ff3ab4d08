import { adminRoles } from '../access/caller.ts';

/*
 * What names may be made of: nothing that ends a header, a line of a log or a shell word, and no colon, which tells
 * `oidc:` and `token:` from people who are named so.
 */

const namePattern = '^[a-z0-9][a-z0-9._@+-]{0,62}$';
/** The name of a user or a token. */
export const nameText = { type: 'string', pattern: namePattern };

/** Whether a user may be called so. */
export function isName(text: string): boolean {
  return new RegExp(namePattern).test(text);
}

/** The name of a user in a URL, who may come from an identity provider. */
export const anyNameText = {
  type: 'string',
  pattern: '^([a-z0-9][a-z0-9._@+-]{0,62}|oidc:[\\x21-\\x7e]{1,255})$',
};
export const tenantText = { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' };
export const roleText = { enum: adminRoles };
