import type { TableSet, TableSteps } from './database.ts';

/** @param made the names of the steps that were made, in any order */
export function compareSteps({ name, migrations }: TableSet, made: readonly string[]): TableSteps {
  const known = Object.keys(migrations).sort();
  return {
    name,
    done: known.filter((step) => made.includes(step)),
    missing: known.filter((step) => !made.includes(step)),
    unknown: made.filter((step) => !known.includes(step)).sort(),
  };
}
