import type { ParseArgsConfig } from 'node:util';

/** The options of a scenario as node:util's parseArgs wants them, each with a text for the help. */
export type OptionTable = Record<
  string,
  NonNullable<ParseArgsConfig['options']>[string] & { help: string }
>;

/** Something the lab can show. */
export interface Scenario {
  name: string;
  summary: string;
  options: OptionTable;
  /** @returns what `--json` prints, and the same for people. */
  run(values: OptionValues, context: Context): Promise<Outcome>;
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

export interface Context {
  signal: AbortSignal;
  /** Tells how far it is. */
  log: (line: string) => void;
}

export interface Outcome {
  json: unknown;
  text: string;
  /** Whether what the scenario checks holds. */
  ok: boolean;
}
