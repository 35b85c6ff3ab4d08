import { sluiceError } from '@sluice/protocol';
import { readBounded } from '../files/read-bounded.ts';

/** Bytes of a file with a password in it; the cloud has its own limit for passwords. */
const maxFileBytes = 1024;

/** What a terminal is, as far as a password needs it. */
export interface Terminal {
  input: NodeJS.ReadableStream & {
    isTTY?: boolean | undefined;
    setRawMode?(raw: boolean): unknown;
  };
  output: { write(text: string): unknown };
}

const here = (): Terminal => ({ input: process.stdin, output: process.stderr });

/**
 * A new password: the first line of the file, else typed twice at the terminal.
 * @throws InvalidArgument, FileUnreadable, Cancelled
 */
export async function newPassword(
  file: string | undefined,
  terminal: Terminal = here(),
): Promise<string> {
  if (file !== undefined) return passwordIn(file);
  if (!terminal.input.isTTY) {
    const detail = 'a password is needed, and there is no terminal to ask for it';
    throw sluiceError('InvalidArgument', { name: '--password-file', detail });
  }
  // Before the prompt, and for both: whoever types fast, or ahead, is not shown either.
  terminal.input.setRawMode?.(true);
  try {
    const first = await askSecret('Password: ', terminal);
    if ((await askSecret('The same again: ', terminal)) === first) return first;
  } finally {
    terminal.input.setRawMode?.(false);
  }
  throw sluiceError('InvalidArgument', { name: 'password', detail: 'the two are not the same' });
}

async function passwordIn(file: string): Promise<string> {
  const text = Buffer.from(await readBounded(file, maxFileBytes)).toString('utf8');
  const [password = ''] = text.split(/\r?\n/);
  if (password !== '' && text.length <= maxFileBytes) return password;
  const detail = 'no password in the first line';
  throw sluiceError('InvalidArgument', { name: '--password-file', detail });
}

/** Asks for a line that is not shown while it is typed. @throws Cancelled */
function askSecret(prompt: string, { input, output }: Terminal): Promise<string> {
  output.write(prompt);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed = '';
  const onData = (text: string) => {
    const keys = [...text];
    for (const [i, key] of keys.entries()) {
      if (key === '\r' || key === '\n' || key === '\x04') {
        finish(keys.slice(i + 1).join(''));
        return;
      }
      if (key === '\x03') return void reject(sluiceError('Cancelled'));
      if (key === '\x7f' || key === '\b') typed = [...typed].slice(0, -1).join('');
      else typed += key;
    }
  };
  const finish = (rest: string) => {
    input.off('data', onData);
    // What was pasted may hold the answer to the next question.
    if (rest !== '') input.unshift(rest);
    resolve(typed);
  };
  const onEnd = () => reject(sluiceError('Cancelled'));
  input.setEncoding('utf8');
  input.on('data', onData).on('end', onEnd).resume();
  return promise.finally(() => {
    input.off('data', onData).off('end', onEnd).pause();
    output.write('\n');
  });
}
