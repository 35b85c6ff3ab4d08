import { changeOwnPassword } from '../api/access.ts';
import { signInWithPassword } from './sign-in.ts';

/**
 * Signs in by the link that `sluice demo --open` makes, `#/sign-in?name=…&password=…`, once: the password is
 * changed to one that nobody knows, and the address is not kept.
 * @returns false: it is no such link. @throws ApiError, TypeError: it was used already, or the cloud is not reached
 */
export async function signInByLink(): Promise<boolean> {
  const [path, query] = window.location.hash.split('?');
  if (path !== '#/sign-in') return false;
  const given = new URLSearchParams(query);
  const [name, password] = [given.get('name') ?? '', given.get('password') ?? ''];
  window.history.replaceState(null, '', '#/');
  await signInWithPassword(name, password);
  const random = crypto.getRandomValues(new Uint8Array(24));
  await changeOwnPassword(password, [...random].map((byte) => byte.toString(36)).join('-'));
  return true;
}
