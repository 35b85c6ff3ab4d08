/** No sum grows above this, so that none overflows, and SQLite's come whole into JavaScript. */
const most = Number.MAX_SAFE_INTEGER;

/** SQL: the number, or `most`. */
export function atMost(number: string): string {
  return `CASE WHEN ${number} > ${most} THEN ${most} ELSE ${number} END`;
}

/** SQL: the sum of an expression of whole numbers. */
export function sumOf(expression: string): string {
  return `CAST(${atMost(`sum(${expression})`)} AS bigint)`;
}
