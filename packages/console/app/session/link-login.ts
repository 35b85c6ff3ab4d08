import { changeOwnPassword } from '../api/access.ts';
import { hrefOf } from '../routing/route.ts';
import { signInWithPassword } from './sign-in.ts';

/**
 * Signs in by the link that `sluice demo --open` makes, `#/sign-in?name=…&password=…&content=…`, once: the password
 * is changed to one that nobody knows, and the address is not kept. It leads to where that content is seen live.
 * @returns false: it is no such link. @throws ApiError, TypeError: it was used already, or the cloud is not reached
 */
export async function signInByLink(): Promise<boolean> {
  const [path, query] = window.location.hash.split('?');
  if (path !== '#/sign-in') return false;
  const given = new URLSearchParams(query);
  const [name, password] = [given.get('name') ?? '', given.get('password') ?? ''];
  const content = given.get('content');
  window.history.replaceState(null, '', content ? hrefOf('live', content) : '#/');
  await signInWithPassword(name, password);
  const random = crypto.getRandomValues(new Uint8Array(24));
  await changeOwnPassword(password, [...random].map((byte) => byte.toString(36)).join('-'));
  return true;
}
