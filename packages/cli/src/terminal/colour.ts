/** Colours that a terminal has in any theme. */
export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

const codes: Record<Colour, [open: number, close: number]> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
};

/** Puts a text in a colour, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

export const paintPlain: Paint = (_, text) => text;

export const paintAnsi: Paint = (colour, text) => {
  const [open, close] = codes[colour];
  return text === '' ? '' : `\x1b[${open}m${text}\x1b[${close}m`;
};

/**
 * How to paint on `stream`: colours on a terminal only, none when NO_COLOR is set to anything
 * (no-color.org) or TERM is dumb; FORCE_COLOR overrules the missing terminal.
 */
export function paintFor(
  stream: { isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Paint {
  if (env.NO_COLOR || env.FORCE_COLOR === '0') return paintPlain;
  if (env.FORCE_COLOR) return paintAnsi;
  return stream.isTTY === true && env.TERM !== 'dumb' ? paintAnsi : paintPlain;
}
