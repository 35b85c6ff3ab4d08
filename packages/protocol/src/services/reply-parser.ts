import type Type from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { sluiceError } from '../errors/index.ts';

/** How a reply is refused: the reason goes into the error, what was sent does not. */
export type Refuse = (detail: string) => never;

/** Parsers that have not compiled their check. */
const uncompiled = new Set<() => void>();

/** Compiles the checks of all parsers, for a service that should not do so when it is first needed. */
export function prepareReplyParsers(): void {
  for (const compile of uncompiled) compile();
}

/**
 * Makes the parser of one reply. It checks what came from the network against the schema, keeps only
 * the properties the schema names, and hands the rest of the checks to `refine`.
 * The check is compiled at first use: a command that never asks the service does not pay for it.
 * @param service name of the service, for the error.
 * @param refine checks and rewrites what no schema can say; may change its own copy.
 */
export function replyParser<S extends Type.TSchema>(
  service: string,
  schema: S,
  refine: (reply: Type.Static<S>, refuse: Refuse) => Type.Static<S>,
): (json: unknown) => Type.Static<S> {
  let validator: Validator | undefined;
  const refuse: Refuse = (detail) => {
    throw sluiceError('ServiceInvalidReply', { service, detail });
  };
  const compile = (): Validator => {
    uncompiled.delete(compile);
    validator ??= Compile(schema) as unknown as Validator;
    return validator;
  };
  uncompiled.add(compile);
  return (json) => {
    const validator = compile();
    if (!validator.Check(json)) {
      refuse(reason(validator.Errors(json)[0]));
    }
    const known = validator.Clean(structuredClone(json)) as Type.Static<S>;
    return refine(known, refuse);
  };
}

/** Refuses what begins like an http(s) URL but is none, or carries a password. */
export function assertHttpUrl(url: string, name: string, refuse: Refuse): void {
  const parsed = URL.parse(url) ?? refuse(`${name} is not a URL`);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') refuse(`${name} is not http(s)`);
  if (parsed.username || parsed.password) refuse(`${name} carries a user name or password`);
}

function reason(error: { instancePath: string; message: string } | undefined): string {
  if (!error) return 'not as expected';
  // A path is made of keys the sender chose: shown only when it cannot play tricks on a terminal or log.
  const where = /^[\w/.-]{1,100}$/.test(error.instancePath) ? error.instancePath : 'the reply';
  return `${where} ${error.message}`;
}
